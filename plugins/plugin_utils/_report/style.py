# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The style of the pages: system fonts, light and dark, and nothing that needs a network or a script."""

STYLE = """
:root{color-scheme:light dark;--bg:#fff;--fg:#1f2328;--soft:#59636e;--line:#d1d9e0;--card:#f6f8fa;--good:#116329;--bad:#b3261e;
--warn:#7d4e00;--off:#59636e;--link:#0550ae;--goodbg:#e6f4ea;--badbg:#fdeceb;--warnbg:#fff4d6;--offbg:#eef1f4}
@media (prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--soft:#9da7b3;--line:#30363d;--card:#161b22;--good:#56d364;
--bad:#ff8b82;--warn:#e3b341;--off:#9da7b3;--link:#79c0ff;--goodbg:#0f2a18;--badbg:#3a1512;--warnbg:#332701;--offbg:#1c2128}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
header,main,footer{max-width:76rem;margin:0 auto;padding:1.25rem}
main{padding-top:0}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:2.25rem 0 .75rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
h3{font-size:1.05rem;margin:0 0 .25rem;overflow-wrap:anywhere}
h4{font-size:1rem;margin:.9rem 0 .2rem;overflow-wrap:anywhere}
p{margin:.25rem 0}
a{color:var(--link)}
.soft,footer{color:var(--soft)}
.lead{font-size:1.15rem;font-weight:600;margin-top:.5rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;margin:1rem 0 0;padding:0}
.tile{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.6rem .8rem}
.tile dt{color:var(--soft);font-size:.875rem}
.tile dd{margin:0;font-size:1.35rem;font-weight:600;font-variant-numeric:tabular-nums}
.tile small{display:block;font-size:.875rem;font-weight:400}
.card{border:1px solid var(--line);border-radius:.5rem;padding:.9rem 1rem;margin:.75rem 0;break-inside:avoid}
.sub{border-left:3px solid var(--line);padding-left:.9rem;margin:.75rem 0}
.tag{font-size:.875rem;font-weight:600;white-space:nowrap;border-radius:1rem;padding:.05rem .55rem}
.tag.good{color:var(--good);background:var(--goodbg)}.tag.bad{color:var(--bad);background:var(--badbg)}
.tag.warn{color:var(--warn);background:var(--warnbg)}.tag.off,.tag.plain{color:var(--off);background:var(--offbg)}
ul.s{list-style:none;margin:.4rem 0 0;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(min(25rem,100%),1fr));gap:.1rem 1.5rem}
ul.s li{overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
ul.s b{font-weight:600}
b.good{color:var(--good)}b.bad{color:var(--bad)}b.warn{color:var(--warn)}b.off,b.plain{color:var(--off)}
ol{margin:.2rem 0;padding-left:1.6rem}
li{overflow-wrap:anywhere}
code{font:.875em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.wide{overflow-x:auto;border:1px solid var(--line);border-radius:.5rem;background:var(--card)}
.wide:focus-visible{outline:3px solid var(--link)}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.45rem .7rem;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
th{font-size:.875rem;color:var(--soft)}
tr:last-child td,tr:last-child th{border-bottom:0}
td.n{white-space:nowrap}
svg{display:block;margin:0 auto}
svg text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:var(--fg)}
svg rect{fill:var(--bg);stroke:var(--line);stroke-width:1.5}
svg .link{fill:none;stroke:var(--line);stroke-width:1.5}
svg .good rect{stroke:var(--good)}svg .bad rect{stroke:var(--bad);fill:var(--badbg)}svg .warn rect{stroke:var(--warn)}
svg .off rect,svg .plain rect{stroke:var(--off);stroke-dasharray:4 3}
svg .good .sign{fill:var(--good)}svg .bad .sign{fill:var(--bad)}svg .off .sign,svg .plain .sign{fill:var(--off)}
@media print{body{font-size:11pt}header,main,footer{max-width:none;padding:0}.wide{overflow:visible}svg{max-width:100%;height:auto}}
"""
