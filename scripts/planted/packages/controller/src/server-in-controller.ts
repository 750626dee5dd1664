import '../../../apps/server/src/people/queries.ts'
