/**
 * The report's style sheet. Dark colours are for screens alone: paper is white. Colours of text keep a contrast of
 * at least 4.5 to 1 to their ground, bars of at least 3 to 1.
 */
export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f6f4; --card: #ffffff; --text: #1c1f24; --quiet: #5a616d; --line: #e2e2dd; --link: #1f55b5;
  --good: #1b6b3a; --good-ground: #e4f3e9; --bad: #a8231f; --bad-ground: #fdeceb; --mark: #6b4a00;
  --mark-ground: #fbf0d6; --neutral: #6b7280;
  --stage-1: #2f6fd0; --stage-2: #0b8484; --stage-3: #7a4fd0; --stage-4: #b26a00; --stage-5: #697386;
  --stage-6: #c43b7d; --stage-7: #2c8a4b; --stage-8: #8c4a2f;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #121418; --card: #1b1e24; --text: #e9eaed; --quiet: #a4abb7; --line: #31363f; --link: #8fb8ff;
    --good: #7fd49b; --good-ground: #173323; --bad: #ff9c95; --bad-ground: #3d1d1c; --mark: #f0cb7a;
    --mark-ground: #3a2f14; --neutral: #9aa3b2;
    --stage-1: #6ea3f5; --stage-2: #35bdb8; --stage-3: #ac8cf5; --stage-4: #e5a03c; --stage-5: #9aa5b8;
    --stage-6: #f07fb3; --stage-7: #58c07c; --stage-8: #cf8a6b;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--text); overflow-wrap: anywhere;
  font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
}
main { max-width: 1216px; margin: 0 auto; padding: 56px 32px 96px; }
h1, h2, h3, p, dl, dd, ol, ul, figure { margin: 0; padding: 0; }
ol, ul { list-style: none; }
h1 { font-size: 34px; line-height: 1.2; font-weight: 650; letter-spacing: -0.015em; text-wrap: balance; }
h2 { font-size: 22px; line-height: 1.3; font-weight: 650; letter-spacing: -0.01em; }
h3 { font-size: 17px; font-weight: 650; }
a { color: var(--link); text-underline-offset: 2px; }
a:focus-visible, .table:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 4px; }
section { margin-top: 64px; }
.note { color: var(--quiet); margin-top: 4px; max-width: 72ch; }
dt { color: var(--quiet); }

.title { color: var(--quiet); font-weight: 600; margin-bottom: 8px; }
.figures { display: flex; flex-wrap: wrap; gap: 16px 48px; margin-top: 28px; }
.figures div { display: flex; flex-direction: column-reverse; }
.figures dd { font-size: 28px; line-height: 1.2; font-weight: 600; font-variant-numeric: tabular-nums; }
.facts {
  display: flex; flex-wrap: wrap; gap: 12px 40px; margin-top: 24px; padding-top: 20px;
  border-top: 1px solid var(--line); font-size: 14px;
}
.facts div { max-width: 100%; }

.legend { display: flex; flex-wrap: wrap; gap: 6px 20px; margin-top: 20px; font-size: 13px; color: var(--quiet); }
.legend li { display: flex; align-items: center; }
.key { width: 12px; height: 12px; margin-right: 7px; flex: none; }
.key.wide { width: 26px; }
.legend .fault, .legend .resumed { margin-right: 7px; font-weight: 700; }
.timeline {
  margin-top: 16px; padding: 8px 24px 4px; background: var(--card); border: 1px solid var(--line);
  border-radius: 14px;
}
.axis, .band { display: grid; grid-template-columns: 190px minmax(0, 1fr); column-gap: 20px; }
.axis {
  position: sticky; top: 0; background: var(--card); z-index: 1; border-bottom: 1px solid var(--line);
}
.band + .band { border-top: 1px solid var(--line); }
.band-name { padding: 7px 0; color: inherit; text-decoration: none; font-size: 14px; line-height: 1.35; min-width: 0; }
.band-name strong { font-weight: 600; }
.band-name .took { margin-left: 6px; color: var(--quiet); font-size: 13px; font-variant-numeric: tabular-nums; }
.band-name:hover strong { text-decoration: underline; }
.band-name .about {
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden;
  color: var(--quiet); font-size: 13px;
}
.plot { display: block; width: 100%; min-height: 100%; overflow: visible; }
.tick { font-size: 12px; fill: var(--quiet); font-variant-numeric: tabular-nums; }
.grid { stroke: var(--line); stroke-width: 1; }
.wait { fill-opacity: 0.32; }
g:hover > .wait { fill-opacity: 0.5; }
text.fault, text.resumed {
  font-size: 13px; font-weight: 700; dominant-baseline: central;
  paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round;
}
text.fault { fill: var(--bad); }
span.fault { color: var(--bad); }
text.resumed { fill: var(--good); }
span.resumed { color: var(--good); }
.neutral { fill: var(--neutral); }
.stage-1 { fill: var(--stage-1); } .stage-2 { fill: var(--stage-2); } .stage-3 { fill: var(--stage-3); }
.stage-4 { fill: var(--stage-4); } .stage-5 { fill: var(--stage-5); } .stage-6 { fill: var(--stage-6); }
.stage-7 { fill: var(--stage-7); } .stage-8 { fill: var(--stage-8); }

.table { overflow-x: auto; }
table {
  width: 100%; margin-top: 12px; border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums;
}
caption.note { text-align: left; max-width: none; margin-bottom: 12px; }
th, td { padding: 7px 0 7px 16px; text-align: right; font-weight: 400; white-space: nowrap; }
th:first-child { padding-left: 0; text-align: left; }
thead th { overflow-wrap: normal; color: var(--quiet); font-size: 13px; border-bottom: 1px solid var(--line); }
tbody .stage th, tbody .stage td { border-top: 1px solid var(--line); }
tbody .stage th { font-weight: 600; }
tbody .step th { padding-left: 19px; }
tbody .step th, tbody .step td { color: var(--quiet); padding-top: 0; }

.card {
  margin-top: 24px; padding: 28px; background: var(--card); border: 1px solid var(--line); border-radius: 14px;
  scroll-margin-top: 16px;
}
.card:target { border-color: var(--link); }
.card header { display: flex; justify-content: space-between; align-items: center; gap: 16px; }
.status {
  flex: none; padding: 2px 12px; border-radius: 999px; font-size: 13px; font-weight: 600; color: var(--quiet);
  border: 1px solid var(--line);
}
.status.completed { color: var(--good); background: var(--good-ground); border-color: transparent; }
.status.failed { color: var(--bad); background: var(--bad-ground); border-color: transparent; }
.brief, .theme, .origin { max-width: 700px; }
.brief { margin-top: 8px; font-size: 20px; line-height: 1.35; }
.theme, .origin { margin-top: 4px; color: var(--quiet); }
.brief + .origin { margin-top: 10px; }
.error { margin-top: 16px; padding: 12px 16px; border-radius: 8px; color: var(--bad); background: var(--bad-ground); }
.details { display: flex; flex-wrap: wrap; gap: 8px 32px; margin-top: 16px; font-size: 13px; }
.details dd { font-variant-numeric: tabular-nums; }
.pictures { display: grid; grid-template-columns: 300px minmax(0, 1fr); gap: 32px; margin-top: 24px; }
.variations { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 24px 20px; align-content: start; }
.picture {
  display: block; width: 100%; aspect-ratio: 1; object-fit: contain; background: #ffffff; border-radius: 10px;
  border: 1px solid var(--line);
}
.picture.missing {
  display: grid; place-items: center; background: transparent; border-style: dashed; color: var(--quiet);
  font-size: 13px;
}
.swatches {
  display: block; width: 100%; height: 18px; margin: 0 0 10px; border-radius: 5px; border: 1px solid var(--line);
}
figcaption { padding-top: 8px; font-size: 13px; line-height: 1.4; }
figcaption strong { font-size: 14px; font-weight: 600; }
figcaption p { color: var(--quiet); margin-top: 2px; }
.derived {
  display: inline-block; padding: 0 7px; border-radius: 999px; font-size: 12px; color: var(--mark);
  background: var(--mark-ground);
}

@media (max-width: 860px) {
  .pictures { grid-template-columns: minmax(0, 1fr); gap: 24px; }
  .base { max-width: 420px; }
  .more { display: none; }
}
@media (max-width: 640px) {
  main { padding: 32px 16px 64px; }
  h1 { font-size: 27px; }
  section { margin-top: 48px; }
  .figures { gap: 16px 32px; }
  .axis, .band { grid-template-columns: minmax(0, 1fr); }
  .axis span { display: none; }
  .band { padding-top: 6px; }
  .band-name { padding: 4px 0 0; }
  .band-name .about { -webkit-line-clamp: 1; }
  .tick.odd { display: none; }
  .timeline { padding: 4px 14px; }
  .card { padding: 20px 16px; }
  .variations { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 20px 14px; }
  table { font-size: 12px; }
  thead th { font-size: 11px; white-space: normal; vertical-align: bottom; }
  th, td { padding-left: 5px; }
  tbody .step th { padding-left: 12px; }
  th .key { display: none; }
}
@media print {
  :root { --page: #ffffff; }
  body { font-size: 12px; }
  main { max-width: none; padding: 0; }
  .axis { position: static; }
  .table { overflow: visible; }
  section { margin-top: 36px; }
  .card { margin-top: 16px; padding: 18px; }
  .brief { font-size: 16px; }
  .details { gap: 6px 20px; font-size: 11px; }
  .pictures { grid-template-columns: 180px minmax(0, 1fr); gap: 20px; margin-top: 16px; }
  .variations { grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 14px 12px; }
  figcaption, figcaption strong, .derived { font-size: 10px; }
  .card, figure, .band, tr { break-inside: avoid; }
  h2 { break-after: avoid; }
  .status, .error, .derived { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`
