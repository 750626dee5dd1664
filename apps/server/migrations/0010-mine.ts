/** What is one's own, found by whose it is: for the copy that people may take, and when they leave. */
export const mine = {
  name: '0010-mine',
  sqlite: `
CREATE INDEX outbox_person ON outbox (person_id, created_at) WHERE person_id IS NOT NULL;
CREATE INDEX grants_of ON grants (person_id, created_at);
`
}
