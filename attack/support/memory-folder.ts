import { existsSync } from 'node:fs'

/**
 * Worlds of this process live in memory where the system has a place for it: what is attacked here is not the disk,
 * and ten thousand runs would wait for it. Import it first.
 */
if (existsSync('/dev/shm')) process.env['TMPDIR'] = '/dev/shm'
