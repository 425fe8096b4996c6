"""How the case store's pages look."""

from __future__ import annotations

STYLE = """\
:root { color-scheme: light dark; --line: #8884; --quiet: #888; }
body { margin: 0; font: 14px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; font-variant-numeric: tabular-nums; }
header { display: flex; align-items: baseline; justify-content: space-between;
    padding: 12px 24px; border-bottom: 1px solid var(--line); }
h1 { margin: 0; font-size: 18px; }
h2 { font-size: 15px; margin-top: 32px; }
main { padding: 12px 24px; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; color: var(--quiet); font-weight: normal; }
th, td { padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
td:first-child, td:nth-child(2) { white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 24px; }
dt { color: var(--quiet); }
dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
"""
