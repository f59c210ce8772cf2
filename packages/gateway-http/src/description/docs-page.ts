import { createHash } from 'node:crypto';
import type { CommandDescription, JsonSchema, MachineDescription, QueryDescription } from '@flotilla/state-machine';
import { docsScript, docsStyle } from './docs-assets.ts';
import { exampleInput } from './example-input.ts';
import { Html, html } from './html.ts';

/** A page and the policy that lets nothing into it but what is in it. */
export interface DocsPage {
  readonly html: string;
  readonly contentSecurityPolicy: string;
}

/** One page that shows a machine and calls it. It needs nothing from elsewhere, and can be read without its script. */
export function docsPage({ name, version, commands, queries, events }: MachineDescription): DocsPage {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name} ${version}</title>
<style>${new Html(docsStyle)}</style>
</head>
<body>
<header>
<h1>${name} <small>version ${version}</small></h1>
<p>The description for programs: <a href="openapi.json">openapi.json</a>, <a href="machine">machine</a>. This member: <a href="status">status</a>, <a href="members">members</a>.</p>
</header>
<main>
<h2>Commands</h2>
${commands.map(commandSection)}
<h2>Queries</h2>
${queries.map(querySection)}
<h2>Events</h2>
<p>Follow them at <a href="events">events</a>, as server-sent events. Types:</p>
<ul>${events.map((type) => html`<li><code>${type}</code></li>`)}</ul>
</main>
<script>${new Html(docsScript)}</script>
</body>
</html>
`;
  const policy = [
    "default-src 'none'",
    "connect-src 'self'",
    `style-src '${hashOf(docsStyle)}'`,
    `script-src '${hashOf(docsScript)}'`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return { html: page.text, contentSecurityPolicy: policy.join('; ') };
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function commandSection({ name, description, input, reply, errors }: CommandDescription): Html {
  const rows = errors.map(
    ({ code, description: why, status }) => html`<tr><td><code>${code}</code></td><td>${status ?? ''}</td><td>${why}</td></tr>`,
  );
  return html`<section id="command.${name}">
<h3><code>POST /v1/commands/${name}</code></h3>
${paragraph(description)}
${schemaDetails('Input', input)}
${schemaDetails('Reply', reply)}
${rows.length === 0 ? '' : html`<table><thead><tr><th>Rejection</th><th>Status</th><th>Why</th></tr></thead><tbody>${rows}</tbody></table>`}
${callForm(`commands/${name}`, input ?? {})}
</section>
`;
}

function querySection({ name, description, takesInput, input, answer }: QueryDescription): Html {
  return html`<section id="query.${name}">
<h3><code>POST /v1/queries/${name}</code></h3>
${paragraph(description)}
${takesInput ? schemaDetails('Input', input) : html`<p>Takes no input.</p>`}
${schemaDetails('Answer', answer)}
${callForm(`queries/${name}`, takesInput ? (input ?? {}) : null)}
</section>
`;
}

function paragraph(text: string | null): Html | string {
  return text === null ? '' : html`<p>${text}</p>`;
}

function schemaDetails(title: string, schema: JsonSchema | null): Html | string {
  const { $schema: _dialect, ...shown } = schema ?? {};
  if (Object.keys(shown).length === 0) return '';
  return html`<details><summary>${title}</summary><pre>${JSON.stringify(shown, null, 2)}</pre></details>`;
}

/** Without the script, the button does nothing and is not enabled. */
function callForm(path: string, input: JsonSchema | null): Html {
  const field =
    input === null
      ? ''
      : html`<label>Input in JSON<textarea name="input" rows="4" spellcheck="false">${JSON.stringify(exampleInput(input), null, 2)}</textarea></label>`;
  return html`<form data-path="${path}">
${field}
<button type="submit" disabled>Call</button>
<output></output>
</form>`;
}
