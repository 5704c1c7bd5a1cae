// What an editor tells the author of a flow, asked of the language server that editors use for YAML:
//   node tests/browser/schema.mjs < files.json
// In: [{path, text, at?: {line, character}}]; the texts name their schema in their first line, as flows do,
// and `path` is where they would stand. Out: [{problems, completions: {label: description}, unreadable}]
// in the same order; problems are the schema's only, completions are those at `at`, and what is unreadable
// is no YAML to the server, or too much for it.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const { getLanguageService } = require('yaml-language-server');
const { TextDocument } = require('vscode-languageserver-textdocument');

let crashed = false;
const service = getLanguageService({
  schemaRequestService: async (uri) => fs.readFileSync(fileURLToPath(uri), 'utf8'),
  workspaceContext: {
    resolveRelativePath: (relative, from) => pathToFileURL(path.resolve(path.dirname(fileURLToPath(from)), relative)).href,
  },
  telemetry: { send() {}, sendTrack() {}, sendError() { crashed = true; } },
  clientCapabilities: {},
});
service.configure({ validate: true, completion: true, hover: false, yamlVersion: '1.2', schemas: [] });

const answers = [];
for (const file of JSON.parse(fs.readFileSync(0, 'utf8'))) {
  // The server remembers what it read by address and version.
  const version = answers.length;
  const document = TextDocument.create(pathToFileURL(file.path).href, 'yaml', version, file.text);
  crashed = false;
  const found = await service.doValidation(document, false);
  const told = found.filter(({ source = '' }) => source.startsWith('yaml-schema'));
  const problems = told.map(({ range, message }) => `${range.start.line + 1}: ${message}`);
  const items = file.at ? (await service.doComplete(document, file.at, false)).items : [];
  const completions = Object.fromEntries(items.map(({ label, documentation = '' }) => [label, documentation.value ?? documentation]));
  answers.push({ problems, completions, unreadable: crashed || found.length > told.length });
}
console.log(JSON.stringify(answers));
