// Types of the projects that are named, folders with a tsconfig.json or such files, by the compiler itself in one process: what
// they share is read once, and a file is checked in the project that it belongs to, by the rules of that one, instead of in
// each that imports it. Prints a line for each project and every error in full.
import { join } from 'node:path'
import ts from 'typescript'
import { root } from './steps.mjs'

const projects = process.argv.slice(2).map((path) => projectAt(path))
const owned = new Set(projects.flatMap(({ fileNames }) => fileNames))
const checked = new Set()
const sources = new Map()
if (!projects.map((project) => isWell(project)).every(Boolean)) process.exitCode = 1

function projectAt (path) {
  const file = join(root, path.endsWith('.json') ? path : `${path}/tsconfig.json`)
  const { config, error } = ts.readConfigFile(file, ts.sys.readFile)
  const { options, fileNames, errors } = ts.parseJsonConfigFileContent(config ?? {}, ts.sys, join(file, '..'), undefined, file)
  return { path, options, fileNames, errors: error === undefined ? errors : [error, ...errors] }
}

function isWell ({ path, options, fileNames, errors }) {
  const begun = performance.now()
  const program = ts.createProgram({ rootNames: fileNames, options, host: sharingHost(options), configFileParsingDiagnostics: errors })
  const own = new Set(fileNames)
  // What no project names is checked in the first that imports it. Libraries are skipped, as everywhere (skipLibCheck).
  const files = program.getSourceFiles().filter((file) => !file.isDeclarationFile && (own.has(file.fileName) || !owned.has(file.fileName)) && !checked.has(file.fileName))
  const found = [...program.getConfigFileParsingDiagnostics(), ...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()]
  for (const file of files) {
    checked.add(file.fileName)
    found.push(...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file))
  }
  if (files.length === 0) console.log('It has no file of its own.')
  if (found.length > 0) console.log(ts.formatDiagnostics(found, { getCanonicalFileName: (name) => name, getCurrentDirectory: () => root, getNewLine: () => '\n' }).trimEnd())
  const isOk = found.length === 0 && files.length > 0
  console.log(`types of ${path}: ${isOk ? 'ok' : `FAILED, ${found.length} errors`} (${files.length} files, ${((performance.now() - begun) / 1000).toFixed(1)} s)`)
  return isOk
}

/** Reads each file once for all projects that see it in the same way. */
function sharingHost (options) {
  const host = ts.createCompilerHost(options)
  const { getSourceFile } = host
  const manner = JSON.stringify([options.target, options.module, options.moduleResolution, options.lib])
  host.getSourceFile = (fileName, how, ...more) => {
    const key = `${fileName} ${manner} ${JSON.stringify(typeof how === 'object' ? [how.languageVersion, how.impliedNodeFormat ?? 0] : how)}`
    if (!sources.has(key)) sources.set(key, getSourceFile(fileName, how, ...more))
    return sources.get(key)
  }
  return host
}
