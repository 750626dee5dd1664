/**
 * What became of verifications, for the people who run the place. Lists of how they ended go along an index where such ends are
 * rare; how most of them end and begin is found by walking along the newest, so that to begin and to approve one write no more than before.
 * Figures that the record is told by the hour are found among all others.
 */
export const figures = {
  name: '0024-figures',
  sqlite: `
CREATE INDEX verifications_unverified ON verifications (status, id) WHERE status = 'expired' OR status = 'blocked' OR status = 'cancelled';
UPDATE guard_figures SET recorded = 9000000000000000 WHERE what IN ('sent', 'verified');
CREATE INDEX guard_figures_due ON guard_figures (hour) WHERE recorded < count;
`
}
