/** The look of the page. */
export const docsStyle = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 56rem; padding: 1rem; }
h1 small { font-weight: normal; opacity: 0.7; }
section { border-top: 1px solid #8886; padding: 0.5rem 0 1rem; }
code, pre, textarea { font-family: ui-monospace, monospace; }
pre { overflow: auto; background: #8882; padding: 0.75rem; margin: 0.5rem 0; }
table { border-collapse: collapse; margin: 0.5rem 0; }
th, td { border: 1px solid #8886; padding: 0.25rem 0.75rem; text-align: left; }
label, textarea { display: block; box-sizing: border-box; width: 100%; margin: 0.25rem 0; }
output { display: block; white-space: pre-wrap; font-family: ui-monospace, monospace; margin-top: 0.5rem; }
output.failed { color: #c33; }
`;

/** Makes the forms call what they stand for. What comes back is shown as text. */
export const docsScript = `
for (const form of document.querySelectorAll('form[data-path]')) {
  const output = form.querySelector('output');
  const button = form.querySelector('button');
  button.disabled = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    output.className = '';
    output.textContent = '…';
    try {
      const input = form.elements.namedItem('input');
      const body = input === null ? {} : { headers: { 'content-type': 'application/json' }, body: input.value };
      const response = await fetch(form.dataset.path, { method: 'POST', ...body });
      if (!response.ok) output.className = 'failed';
      output.textContent = response.status + ' ' + JSON.stringify(await response.json(), null, 2);
    } catch (error) {
      output.className = 'failed';
      output.textContent = String(error);
    } finally {
      button.disabled = false;
    }
  });
}
`;
