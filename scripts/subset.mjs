// The language that the programs of a device are written in: what their engine lacks, and what its read-only memory
// forbids. Looks at all that packages/controller, packages/drivers
// and packages/host are made of, other packages included.
import ts from 'typescript'
import { relative } from 'node:path'
import { root } from './steps.mjs'

/** Globals that the engine has in every size. Anything else asks a clock, draws a random number, waits, or is not there. */
const globals = new Set([
  'Array', 'DataView', 'Error', 'Infinity', 'Int32Array', 'JSON', 'Math', 'NaN', 'Number', 'Object', 'RangeError', 'Reflect', 'String',
  'TypeError', 'Uint8Array', 'decodeURIComponent', 'undefined'
])
/** Where names are made fit for the display, with a table of the letters that people write. */
const plainLetters = '/packages/drivers/src/lcd.ts'
/** Their answer depends on where the program runs. */
const localeMethods = new Set(['localeCompare', 'normalize', 'toLocaleLowerCase', 'toLocaleString', 'toLocaleUpperCase', 'toLocaleDateString', 'toLocaleTimeString'])
/** They write to what they are called on. */
const mutators = new Set(['add', 'clear', 'copyWithin', 'delete', 'fill', 'pop', 'push', 'reverse', 'set', 'setInt32', 'setUint32', 'setUint8', 'shift', 'sort', 'splice', 'unshift'])

/**
 * @param {string[]} entries files, from the project's root
 * @returns {{ file: string, line: number, what: string }[]} each violation in them and in whatever they import
 */
export function outsideSubset (entries) {
  const program = ts.createProgram(entries.map((entry) => `${root}/${entry}`), {
    target: ts.ScriptTarget.ES2022, lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'], module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true, noEmit: true, allowImportingTsExtensions: true, types: []
  })
  const checker = program.getTypeChecker()
  const found = []
  for (const source of program.getSourceFiles()) if (!source.isDeclarationFile) look(source, source)
  return found

  function look (node, source) {
    const what = wrong(node)
    if (what !== null) found.push({ file: relative(root, source.fileName), line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1, what })
    if (!ts.isTypeNode(node) || ts.isExpressionWithTypeArguments(node) || node.kind === ts.SyntaxKind.AnyKeyword) ts.forEachChild(node, (child) => look(child, source))
    else lookForAny(node, source)
  }

  function lookForAny (node, source) {
    ts.forEachChild(node, (child) => child.kind === ts.SyntaxKind.AnyKeyword ? look(child, source) : lookForAny(child, source))
  }

  function wrong (node) {
    if (node.kind === ts.SyntaxKind.AnyKeyword) return 'any'
    if (ts.isAsExpression(node) && node.type.getText() !== 'const') return 'a cast'
    if (ts.isRegularExpressionLiteral(node)) return 'a regular expression'
    if (ts.isBigIntLiteral(node)) return 'a BigInt'
    if (node.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(node) || node.kind === ts.SyntaxKind.AwaitKeyword) return 'something asynchronous'
    if (node.kind === ts.SyntaxKind.ImportKeyword && ts.isCallExpression(node.parent)) return 'an import at run time'
    if (ts.isStringLiteralLike(node) && !isAscii(node.text) && !node.getSourceFile().fileName.endsWith(plainLetters)) return 'a text that is not ASCII'
    if (ts.isPropertyAccessExpression(node) && localeMethods.has(node.name.text)) return node.name.text
    if (ts.isPropertyAccessExpression(node) && node.getText() === 'Math.random') return 'Math.random'
    if (ts.isIdentifier(node)) return foreignGlobal(node)
    if (ts.isVariableStatement(node) && ts.isSourceFile(node.parent)) {
      if ((node.declarationList.flags & ts.NodeFlags.Const) === 0) return 'a variable of the module'
      if (node.declarationList.declarations.some(({ initializer }) => initializer !== undefined && ts.isNewExpression(initializer))) return 'an object of the module that is there to be written to'
    }
    return writesToModule(node) ? 'a write to a constant of the module' : null
  }

  function foreignGlobal (node) {
    const { parent } = node
    if (ts.isPropertyAccessExpression(parent) && parent.name === node) return null
    if (!ts.isExpression(parent) && !ts.isVariableDeclaration(parent) && !ts.isStatement(parent) && !ts.isShorthandPropertyAssignment(parent) && !ts.isPropertyAssignment(parent) && !ts.isSpreadAssignment(parent)) return null
    const symbol = ts.isShorthandPropertyAssignment(parent) ? checker.getShorthandAssignmentValueSymbol(parent) : checker.getSymbolAtLocation(node)
    // A name that nothing here declares: of the engine, of a browser, or of nobody.
    const declared = symbol?.declarations ?? []
    if (node.text === 'undefined' || declared.some((one) => !program.isSourceFileDefaultLibrary(one.getSourceFile()))) return null
    if (declared.length > 0 && declared.every((one) => ts.isPropertySignature(one) || ts.isMethodSignature(one))) return null
    return globals.has(node.text) ? null : node.text
  }

  /** `x[1] = …`, `x.a++`, `x.push(…)`, where x was made with the module: read-only memory on the device. */
  function writesToModule (node) {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) return mutators.has(node.expression.name.text) && isOfModule(node.expression.expression)
    if (ts.isBinaryExpression(node) && node.operatorToken.kind >= ts.SyntaxKind.FirstAssignment && node.operatorToken.kind <= ts.SyntaxKind.LastAssignment) return isElement(node.left) && isOfModule(node.left)
    if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) return isElement(node.operand) && (node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken) && isOfModule(node.operand)
    return ts.isDeleteExpression(node) && isOfModule(node.expression)
  }

  function isOfModule (expression) {
    while (isElement(expression) || ts.isNonNullExpression(expression)) expression = expression.expression
    if (!ts.isIdentifier(expression)) return false
    let symbol = checker.getSymbolAtLocation(expression)
    if (symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0) symbol = checker.getAliasedSymbol(symbol)
    const declaration = symbol?.valueDeclaration
    return declaration !== undefined && ts.isVariableDeclaration(declaration) && ts.isVariableStatement(declaration.parent.parent) && ts.isSourceFile(declaration.parent.parent.parent)
  }
}

function isElement (node) {
  return ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)
}

function isAscii (text) {
  return [...text].every((char) => char >= ' ' && char <= '~' || char === '\n')
}
