// Who may import whom. `scripts/check.mjs` runs this over the house and over scripts/planted/, where
// violations are planted on purpose: a checker that finds nothing there is broken.
const pure = '^packages/(otp|protocol|controller|drivers|host|vision)/src/'
const tests = '\\.test\\.ts$|/stores/contract\\.ts$|/testing/'
const feature = '^apps/server/src/(?!platform/|cli/)([^/]+)/'

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: { pathNot: tests }, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only', 'dynamic-import'] } } },
    { name: 'no-unresolvable', severity: 'error', from: { pathNot: '^devices/esp32/src/' }, to: { couldNotResolve: true } },
    { name: 'no-unresolvable-on-the-device', severity: 'error', comment: 'What is on the device only; its types are in ambient.d.ts.', from: { path: '^devices/esp32/src/' }, to: { couldNotResolve: true, pathNot: '^(embedded:.+|mc/ffi|crypt|time|timer|wifi)$' } },
    { name: 'pure-without-node', severity: 'error', comment: 'Pure packages run on a microcontroller: no Node.', from: { path: pure, pathNot: tests }, to: { dependencyTypes: ['core'] } },
    { name: 'pure-without-npm', severity: 'error', comment: 'Pure packages have no dependencies; only the schemas use TypeBox.', from: { path: pure, pathNot: tests + '|^packages/protocol/src/schemas/' }, to: { path: 'node_modules' } },
    { name: 'schemas-only-typebox', severity: 'error', from: { path: '^packages/protocol/src/schemas/', pathNot: tests }, to: { path: 'node_modules', pathNot: 'node_modules/typebox/' } },
    { name: 'otp-alone', severity: 'error', from: { path: '^packages/otp/src/', pathNot: tests }, to: { pathNot: '^packages/otp/src/' } },
    { name: 'messages-below', severity: 'error', from: { path: '^packages/protocol/src/(messages/|topics)', pathNot: tests }, to: { pathNot: '^packages/(otp/src|protocol/src/(messages|topics))' } },
    { name: 'decision-alone', severity: 'error', comment: 'Who may open what depends on facts alone.', from: { path: '^packages/protocol/src/access/', pathNot: tests }, to: { pathNot: '^packages/protocol/src/(access/|audit-events)' } },
    { name: 'controller-below', severity: 'error', from: { path: '^packages/controller/src/', pathNot: tests }, to: { pathNot: '^packages/(controller/src|otp/src/(index|sha256|bytes|offline)|protocol/src/(messages|topics))' } },
    { name: 'drivers-alone', severity: 'error', from: { path: '^packages/drivers/src/', pathNot: tests }, to: { pathNot: '^packages/drivers/src/' } },
    { name: 'host-below', severity: 'error', comment: 'What devices run.', from: { path: '^packages/host/src/', pathNot: tests }, to: { pathNot: '^packages/(host|controller|drivers)/src/|^packages/(otp/src/(sha256|bytes)|protocol/src/(messages|topics))' } },
    { name: 'vision-alone', severity: 'error', comment: 'Pixels in, facts out: who runs the models, and where pictures come from, is given from outside.', from: { path: '^packages/vision/src/', pathNot: tests }, to: { pathNot: '^packages/vision/src/' } },
    { name: 'client-below', severity: 'error', from: { path: '^packages/client/src/', pathNot: tests }, to: { pathNot: '^packages/(client|protocol)/src/' } },
    { name: 'examples-as-others', severity: 'error', comment: 'An example imports what its reader can install.', from: { path: '^examples/' }, to: { path: '^(packages|apps|e2e|scripts)/', pathNot: '^packages/otp/src/(index|stores/(memory|sqlite|postgres|redis))\\.ts$' } },
    { name: 'no-app-in-packages', severity: 'error', from: { path: '^packages/' }, to: { path: '^(apps|e2e|faults|bench|devices|xs)/' } },
    { name: 'platform-without-features', severity: 'error', from: { path: '^apps/server/src/platform/', pathNot: tests }, to: { path: feature } },
    { name: 'features-by-their-verbs', severity: 'error', comment: 'Another feature offers verbs; its queries, channels and routes are its own.', from: { path: feature, pathNot: tests }, to: { path: '^apps/server/src/(?!platform/)[^/]+/(queries|routes|channels/.*)\\.ts$', pathNot: '^apps/server/src/$1/' } },
    { name: 'schemas-are-types-in-browsers', severity: 'error', comment: 'TypeBox costs a browser 20 kB and more.', from: { path: '^(apps/web|apps/simulator|packages/client)/', pathNot: tests }, to: { path: '^packages/protocol/src/schemas/', dependencyTypesNot: ['type-only'] } },
    { name: 'web-without-server', severity: 'error', from: { path: '^apps/web/' }, to: { path: '^apps/server/' } },
    { name: 'simulator-without-apps', severity: 'error', from: { path: '^(apps/simulator|devices)/', pathNot: tests }, to: { path: '^apps/(server|web)/' } },
    { name: 'faults-from-outside', severity: 'error', comment: 'Faults use the front doors, and the small world of the server\'s own tests.', from: { path: '^faults/' }, to: { path: '^apps/(server/src/(?!main|cli|testing/)|web/src|simulator/src/(?!index))' } },
    { name: 'xs-plays-packages', severity: 'error', comment: 'What is played on XS is what a device gets.', from: { path: '^xs/' }, to: { path: '^(apps|e2e|attack|faults|bench|devices)/' } },
    { name: 'xs-inside-alone', severity: 'error', comment: 'These run inside the engine.', from: { path: '^xs/(on-xs|replay)' }, to: { pathNot: '^(xs/(on-xs|replay)|packages/)' } },
    { name: 'journeys-from-outside', severity: 'error', comment: 'Journeys and benches use the front doors only; a provider of sign-ins for tests is no part of the house, nor are a receiver of webhooks, and faces.', from: { path: '^(e2e|bench|deploy)/' }, to: { path: '^apps/(server/src/(?!main|cli|testing/(provider|receiver|faces|photos))|web/src)' } }
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // What a peer of the benchmarks imports is installed when it is measured.
    exclude: { path: '(^|/)(dist|data|coverage)/|^bench/peers/better-auth/|^e2e/lighthouse/' },
    tsPreCompilationDeps: true,
    detectProcessBuiltinModuleCalls: true,
    tsConfig: { fileName: new URL('tsconfig.base.json', import.meta.url).pathname },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types', 'svelte'], extensions: ['.ts', '.mjs', '.js', '.svelte', '.json'] }
  }
}
