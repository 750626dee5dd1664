import { createClient } from '@oncekey/client'

/** The one client of this page. Relative, so it follows the page's base path. */
export const client = createClient()
