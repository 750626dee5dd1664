import '../../server/src/people/queries.ts'
