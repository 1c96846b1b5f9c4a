"""How a sweep's page looks: light, dark and on paper. Everything is in the page itself."""

from typing import Final

STYLE: Final = """
.sweep{--paper:#fcfcfa;--card:#fff;--ink:#1d2127;--soft:#626b76;--edge:#e3e4e0;--good:#1c7c54;--bad:#c2553a;
--heatgood:#1c7c54;--heatbad:#c2553a;--cell:#f3f3ef;--accent:#2f5d8a;--warn:#8a5a00;--warnback:#fff5dd;--goodback:#e6f4ec;--badback:#fbeae5;
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:var(--ink);
background:var(--paper);margin:0 auto;padding:28px 24px 60px;max-width:1080px;
font-variant-numeric:tabular-nums}
@media (prefers-color-scheme:dark){.sweep{--paper:#14171b;--card:#1b1f25;--ink:#e6e8ea;--soft:#9aa4af;
--edge:#2c323a;--good:#45b983;--bad:#e0795c;--heatgood:#268258;--heatbad:#b14f35;
--cell:#232830;--accent:#7fb0de;--warn:#f0c060;--warnback:#33291238;
--goodback:#1b3a2b66;--badback:#45241c66}}
.sweep *{box-sizing:border-box}
.sweep h1{overflow-wrap:anywhere;font-size:26px;line-height:1.25;margin:0 0 4px}
.sweep h2{font-size:18px;margin:40px 0 6px}
.sweep p{margin:6px 0;max-width:78ch}
.sweep .soft,.sweep figcaption{color:var(--soft);font-size:13.5px}
.sweep .verdict{border-left:4px solid var(--warn);background:var(--warnback);padding:10px 14px;margin:18px 0;
border-radius:0 6px 6px 0}
.sweep .verdict.holds{border-color:var(--good);background:var(--goodback)}
.sweep .verdict.bad{border-color:var(--bad);background:var(--badback)}
.sweep .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(158px,1fr));gap:10px;margin:18px 0}
.sweep .tile{background:var(--card);border:1px solid var(--edge);border-radius:8px;padding:10px 14px}
.sweep .tile b{display:block;font-size:21px;font-weight:600;line-height:1.3}
.sweep .tile span{color:var(--soft);font-size:12.5px;display:block}
.sweep figure{margin:12px 0 20px;background:var(--card);border:1px solid var(--edge);border-radius:8px;
padding:14px;overflow-x:auto}
.sweep figcaption{margin:0 0 10px}
.sweep svg{width:100%;height:auto;display:block}
.sweep svg text{fill:var(--ink);font:11.5px system-ui,sans-serif}
.sweep svg .axis{font-weight:600}.sweep svg .tick{fill:var(--soft)}.sweep svg .named{fill:var(--ink)}
.sweep svg .none{fill:none;stroke:var(--edge);stroke-dasharray:3 3}
.sweep svg .good rect{fill:color-mix(in oklab,var(--heatgood) var(--p),var(--cell))}
.sweep svg .bad rect{fill:color-mix(in oklab,var(--heatbad) var(--p),var(--cell))}
.sweep svg .best rect{stroke:var(--ink);stroke-width:2.5}
.sweep svg .value{font-size:11px}.sweep svg .strong{fill:#fff}
.sweep svg .curve{fill:none;stroke:var(--accent);stroke-width:2;stroke-linejoin:round}
.sweep svg .level{stroke:var(--soft);stroke-width:1;stroke-dasharray:4 3}
.sweep svg .mark{stroke:var(--ink);stroke-width:1.5}
.sweep svg .stretch{fill:var(--cell);opacity:.75}.sweep svg .other{fill:none}
.sweep .wide{overflow-x:auto}
.sweep table{border-collapse:collapse;width:100%;font-size:13.5px;margin:8px 0}
.sweep th{text-align:right;font-weight:600;color:var(--soft);border-bottom:1px solid var(--edge);
padding:6px 10px;white-space:nowrap;vertical-align:bottom}
.sweep td{text-align:right;padding:5px 10px;border-bottom:1px solid var(--edge);white-space:nowrap}
.sweep th.left,.sweep td.left{text-align:left}
.sweep td.text{white-space:normal;text-align:left}
.sweep tbody tr:first-child td{font-weight:600}
.sweep table.plain tbody tr:first-child td{font-weight:400}
.sweep td.up{color:var(--good)}.sweep td.down{color:var(--bad)}
.sweep .pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(340px,1fr));gap:14px;align-items:start}
.sweep .pair figure{margin:8px 0}
.sweep dl{display:grid;grid-template-columns:max-content 1fr;gap:3px 18px;font-size:13.5px;margin:8px 0}
.sweep dt{color:var(--soft)}.sweep dd{margin:0}
@media print{.sweep{--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--edge:#bbb;--good:#1c7c54;--bad:#c2553a;
--cell:#f3f3ef;--accent:#2f5d8a;--warn:#8a5a00;--warnback:#fff;--goodback:#fff;--badback:#fff;padding:0;
max-width:none;font-size:11pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.sweep figure,.sweep .tiles,.sweep .verdict,.sweep tr{break-inside:avoid}.sweep h2{break-after:avoid}
.sweep table{font-size:9pt}.sweep td,.sweep th{padding:3px 6px;white-space:normal}
.sweep .wide,.sweep figure{overflow:visible}}
"""

#: What only a page of its own may say: in a notebook everything around belongs to somebody else.
PAGE_STYLE: Final = """
body{margin:0}html{background:#fcfcfa}@media (prefers-color-scheme:dark){html{background:#14171b}}
@media print{html{background:#fff}@page{margin:14mm}}
"""
