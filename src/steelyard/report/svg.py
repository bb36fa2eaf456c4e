"""The few elements that drawings are made of, and the style that they share, light and dark.

Colours are told apart by people with any kind of colour vision (blue and vermilion), and every line
also by its label or dashes. All class names begin with ``sy-`` and no element has an id, so that
several drawings can stand in one page.
"""

from __future__ import annotations

from html import escape

STYLE = """
.sy-curves{max-width:100%;height:auto;
font:12px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
.sy-paper{fill:#fff;stroke:#d8dde3}
.sy-title{font-size:14px;font-weight:600;fill:#1f2328}
.sy-note,.sy-tick{fill:#59636e}
.sy-tick{font-size:11px;font-variant-numeric:tabular-nums}
.sy-grid{stroke:#e6e9ed}
.sy-best{stroke:#8c959f;stroke-dasharray:3 3}
.sy-curves path{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.sy-curves path.sy-thin{stroke-width:1;opacity:.5}
.sy-curves path.sy-objective{stroke-dasharray:5 4;stroke-width:1.5;stroke-linecap:butt}
.sy-curves path.sy-floor{stroke-dasharray:1 4}
.sy-curves path.sy-dot{stroke-width:7;stroke-dasharray:none;stroke-linecap:round}
.sy-train,.sy-objective{stroke:#0067b1}
.sy-validation{stroke:#c44601}
.sy-floor{stroke:#6e7781}
text.sy-train,text.sy-objective{fill:#0067b1}
text.sy-validation{fill:#c44601}
text.sy-floor{fill:#59636e}
.sy-curves text{stroke:none}
@media (prefers-color-scheme:dark){
.sy-paper{fill:#14171c;stroke:#30363d}
.sy-title{fill:#e8ebee}
.sy-note,.sy-tick,text.sy-floor{fill:#9ba5b0}
.sy-grid{stroke:#262b32}
.sy-best{stroke:#717b86}
.sy-train,.sy-objective{stroke:#58b0f0}
.sy-validation{stroke:#f58a3c}
.sy-floor{stroke:#8b949e}
text.sy-train,text.sy-objective{fill:#58b0f0}
text.sy-validation{fill:#f58a3c}
}
"""


def drawing(body: str, width: float, height: float, description: str) -> str:
    """A complete SVG on a sheet of its own, legible on whatever page it stands."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" class="sy-curves" role="img"'
        f' width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
        f' aria-label="{escape(description)}"><style>{STYLE}</style>\n'
        f'<rect class="sy-paper" x="0.5" y="0.5" width="{width - 1:g}" height="{height - 1:g}" rx="8"/>\n'
        f"{body}\n</svg>\n"
    )


def group(body: str, x: float) -> str:
    """Elements moved to the right."""
    return f'<g transform="translate({x:g} 0)">\n{body}\n</g>'


def text(x: float, y: float, content: str, style: str, anchor: str = "start") -> str:
    """A line of text; ``anchor`` says which part of it is at x: start, middle or end."""
    return f'<text class="{style}" text-anchor="{anchor}" x="{x:.1f}" y="{y:.1f}">{escape(content)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    """A straight line."""
    return f'<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def path(steps: str, style: str) -> str:
    """A line along the steps of SVG's path language."""
    return f'<path class="{style}" d="{steps}"/>'
