import '../people/queries.ts'
