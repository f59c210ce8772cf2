/** How the page of a timeline looks, by day and by night. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #1c2330; --dim: #667085; --paper: #fff; --panel: #f4f6f9; --line: #d5dae2;
  --fault: #c2570c; --fault-fill: #fbd5b5; --process: #4b5563; --election: #1d4ed8; --membership: #7e22ce; --snapshot: #0f766e;
  --violation: #d11a2a; --violation-fill: #fdecee; --ok: #2e9e5b; --fail: #98a2b3; --info: #d19a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --dim: #98a2b3; --paper: #12161d; --panel: #1b212b; --line: #333c4a;
  --fault: #fb9a4b; --fault-fill: #5b3313; --process: #b6c0cf; --election: #7ba4ff; --membership: #cf9bff; --snapshot: #4fd1c1;
  --violation: #ff6673; --violation-fill: #3c1a1f; --ok: #4cc27e; --fail: #667085; --info: #e9bd42; } }
body { margin: 0; padding: 16px 20px; color: var(--ink); background: var(--paper); font: 14px/1.45 system-ui, sans-serif; }
h1 { font-size: 20px; margin: 0 0 8px; }
.failure { border-left: 4px solid var(--violation); background: var(--violation-fill); padding: 8px 14px; margin: 8px 0 14px; }
.failure strong { color: var(--violation); } .failure p { margin: 4px 0; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 8px 0 0; } dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
.controls { position: sticky; top: 0; z-index: 3; display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: center; padding: 8px 0; background: var(--paper); }
.controls label { display: inline-flex; align-items: center; gap: 4px; } .controls .keys { color: var(--dim); }
button { font: inherit; min-width: 32px; }
.chart { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; background: var(--panel); --zoom: 1; }
.lane { display: flex; width: calc(158px + (100% - 158px) * var(--zoom)); border-bottom: 1px solid var(--line); } .lane:last-child { border: 0; }
.name { position: sticky; left: 0; z-index: 2; flex: 0 0 114px; padding: 4px 8px; background: var(--panel); border-right: 1px solid var(--line); }
.name small { display: block; color: var(--dim); }
.track { position: relative; flex: 1; min-width: 0; margin-right: 28px; } .track > * { position: absolute; box-sizing: border-box; }
.axis .track { height: 24px; color: var(--dim); font-size: 11px; } .axis span { padding-left: 3px; height: 24px; border-left: 1px solid var(--line); white-space: nowrap; }
.bar { overflow: hidden; border-radius: 2px; padding: 0 3px; font-size: 11px; line-height: 12px; white-space: nowrap; }
.mark { width: 16px; height: 16px; fill: none; stroke: currentColor; stroke-width: 2; } .track .mark { top: 3px; margin-left: -8px; }
.fault { color: var(--fault); } .fault.bar { color: var(--ink); background: var(--fault-fill); border: 1px solid var(--fault); } .fault.mark { fill: var(--fault-fill); }
.healed { color: var(--dim); } .process { color: var(--process); } .election { color: var(--election); } .membership { color: var(--membership); } .snapshot { color: var(--snapshot); }
.violation { color: var(--violation); } .moment { top: 0; bottom: 0; border-left: 2px dashed var(--violation); }
.call.bar { padding: 0; } .call.ok, .call.applied { background: var(--ok); } .call.fail { background: var(--fail); } .call.info { background: var(--info); }
.call.open { border: 1px solid var(--info); } .call.mark { color: var(--info); }
:focus-visible { outline: 2px solid var(--election); }
table { border-collapse: collapse; width: 100%; margin-top: 14px; } td, th { text-align: left; padding: 2px 12px 2px 0; vertical-align: top; white-space: nowrap; }
td:first-child, th:first-child { text-align: right; font-variant-numeric: tabular-nums; } td:last-child { white-space: normal; width: 100%; color: var(--ink); overflow-wrap: anywhere; }
tbody tr { cursor: pointer; } tbody tr:hover, tbody tr.chosen { background: var(--panel); } tr.violation { background: var(--violation-fill); }
.mark.chosen { stroke-width: 4; } .hidden { display: none; }
`;
