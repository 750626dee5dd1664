import { sql } from 'kysely'

/**
 * A column for queries on people alone: 1 for those who can sign in, by a password or as whom a provider knows; 0 for those
 * who were invited and have chosen neither yet. The same is in `STATE`, which lists of people are made by.
 */
export const hasWayIn = sql<number>`CASE WHEN password_hash IS NOT NULL OR by_provider = 1 THEN 1 ELSE 0 END`.as('has_way_in')
