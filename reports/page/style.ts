/** The look of the page: light or dark as the reader's system is, white on paper; nothing is fetched, no font is brought along. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#1a1a1a;--soft:#555;--ground:#fff;--raised:#f5f5f3;--line:#cfcfca;--link:#0b5394;
--works:#cdeee2;--staged:#e4e4e4;--refused:#ffe3a8;--corrupt:#ffc9b0;--hung:#f3d3e4;--failed:#1a1a1a;--failed-ink:#fff}
@media (prefers-color-scheme:dark){:root{--ink:#e8e8e6;--soft:#b0b0ac;--ground:#16181a;--raised:#212427;--line:#44484c;--link:#8ab8ec;
--works:#0d4a39;--staged:#3b3e41;--refused:#5f4600;--corrupt:#7a3000;--hung:#5c2f49;--failed:#f2f2f0;--failed-ink:#111}}
*{box-sizing:border-box}
html{font:16px/1.5 system-ui,"DejaVu Sans",Verdana,sans-serif;background:var(--ground);color:var(--ink);-webkit-text-size-adjust:100%}
body{max-width:84rem;margin:0 auto;padding:1rem 1.25rem 3rem;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0}h2{font-size:1.2rem;margin:2.2rem 0 .6rem;padding-top:.4rem;border-top:1px solid var(--line)}h3{font-size:1rem;margin:1.4rem 0 .4rem}
p{margin:.5rem 0;max-width:60rem}a{color:var(--link)}code,pre{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,monospace;font-size:.875em}
nav ul,.legend{list-style:none;margin:.5rem 0;padding:0;display:flex;flex-wrap:wrap;gap:.3rem 1.2rem}
.legend li,.aside,.from,.spread,figcaption,nav{font-size:.85rem}.aside,.from,.spread,figcaption{color:var(--soft)}
.answer{background:var(--raised);border:1px solid var(--line);border-left:.35rem solid var(--link);border-radius:.3rem;padding:.4rem 1rem;margin:.8rem 0}
.answer p{max-width:72rem}.left-out{columns:2 24rem;column-gap:2rem;padding-left:1.1rem;margin:.4rem 0;font-size:.9rem}.left-out li{break-inside:avoid;margin:.15rem 0}
.scroll{overflow-x:auto;max-width:100%;margin:.6rem 0}.scroll:focus-visible{outline:2px solid var(--link)}
pre{background:var(--raised);border:1px solid var(--line);padding:.6rem .8rem;white-space:pre-wrap}
table{border-collapse:collapse;font-size:.875rem;overflow-wrap:normal}caption{text-align:left;font-weight:600;padding:.3rem 0;position:sticky;left:0;width:max-content;max-width:90vw}
th,td{border-bottom:1px solid var(--line);padding:.3rem .6rem;text-align:left;vertical-align:top}thead th{background:var(--raised);vertical-align:bottom}
th.number,td.number{text-align:right;font-variant-numeric:tabular-nums}tbody th{font-weight:400}td{min-width:4.5rem;max-width:34rem}
.numbers th,.numbers td{white-space:nowrap}.numbers thead th{white-space:normal;min-width:4.5rem}.who{white-space:nowrap}.swatch{display:inline-block;width:.8em;height:.8em;margin-right:.4em;border:1px solid var(--soft);vertical-align:-.05em;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.status{display:inline-block;padding:0 .4em;border-radius:.25em;white-space:nowrap;color:var(--ink);print-color-adjust:exact;-webkit-print-color-adjust:exact}
.status.completed{background:var(--works)}.status.staged{background:var(--staged)}.status.refused{background:var(--refused)}.status.corrupt,.status.breach{background:var(--corrupt)}
.status.hung{background:var(--hung)}.status.failed{background:var(--failed);color:var(--failed-ink)}.status.inapplicable,.not-run{color:var(--soft)}.status.breach{font-weight:600}
.spread{display:block}.matrix summary{cursor:pointer}.matrix td{min-width:6.5rem}.matrix .status.breach{white-space:normal}.spread{white-space:normal;min-width:9rem}.matrix details p{min-width:14rem;font-size:.85rem}.verdict{white-space:nowrap}.verdict.wins{font-weight:600}
figure{margin:1rem 0}.picture{background:#fff;border:1px solid var(--line);border-radius:.3rem;color:#111}.picture svg{display:block}
@media (max-width:40rem){body{padding:.6rem .75rem 2rem}h1{font-size:1.25rem}th,td{padding:.25rem .4rem}.matrix .who{white-space:normal}.matrix .from{display:block}}
@media print{:root{color-scheme:light;--ink:#000;--soft:#444;--ground:#fff;--raised:#f5f5f3;--line:#bbb;--link:#000;--works:#cdeee2;--staged:#e4e4e4;--refused:#ffe3a8;--corrupt:#ffc9b0;--hung:#f3d3e4;--failed:#1a1a1a;--failed-ink:#fff}
html{font-size:10pt}body{max-width:none;padding:0}nav{display:none}.scroll{overflow:visible}table{font-size:7.5pt;overflow-wrap:anywhere}.who,.numbers th,.numbers td{white-space:normal}th,td{padding:.15rem .3rem;min-width:0}
tr,figure,.answer{break-inside:avoid}thead{display:table-header-group}.picture svg{max-width:100%;height:auto}details::details-content{content-visibility:visible;block-size:auto}}
`;
