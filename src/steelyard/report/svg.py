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
.sy-trial{stroke:#0067b1}
.sy-top{stroke:#c44601}
.sy-pruned,.sy-lost{stroke:#8c959f}
.sy-curves path.sy-spot{stroke-width:6;stroke-linecap:round}
.sy-curves path.sy-cross{stroke-width:1.5}
.sy-curves path.sy-one{stroke-width:1;opacity:.45}
.sy-curves path.sy-of-many{stroke-width:.75;opacity:.2}
.sy-curves path.sy-winner{stroke-width:3}
.sy-curves path.sy-stopped{stroke-width:.75;opacity:.4;stroke-dasharray:2 3}
.sy-frame{stroke:#8c959f}
.sy-chosen{fill:none;stroke:#c44601;stroke-width:3}
.sy-empty{fill:none;stroke:#e6e9ed}
text.sy-trial{fill:#0067b1}
text.sy-top{fill:#c44601}
text.sy-pruned,text.sy-lost{fill:#59636e}
.sy-line-0{stroke:#c44601}.sy-line-1{stroke:#0067b1}.sy-line-2{stroke:#007a5e}
.sy-line-3{stroke:#a2478b}.sy-line-4{stroke:#7a6000}.sy-line-5{stroke:#59636e}
text.sy-line-0{fill:#c44601}text.sy-line-1{fill:#0067b1}text.sy-line-2{fill:#007a5e}
text.sy-line-3{fill:#a2478b}text.sy-line-4{fill:#7a6000}text.sy-line-5{fill:#59636e}
.sy-heat-0{fill:#f1f6fb}.sy-heat-1{fill:#dbe8f5}.sy-heat-2{fill:#c0d8ed}.sy-heat-3{fill:#9cc3e1}
.sy-heat-4{fill:#6fa8d2}.sy-heat-5{fill:#3f89c0}.sy-heat-6{fill:#1f6cab}.sy-heat-7{fill:#0b5091}
.sy-heat-8{fill:#08366b}
text.sy-on-pale{fill:#1f2328}
text.sy-on-deep{fill:#fff}
.sy-curves text{stroke:none}
.sy-curves text.sy-halo{stroke:#fff;stroke-width:3;paint-order:stroke;stroke-linejoin:round}
.sy-curves text.sy-cell{font-size:11px;font-variant-numeric:tabular-nums}
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
.sy-trial{stroke:#58b0f0}
.sy-top{stroke:#f58a3c}
.sy-pruned,.sy-lost,.sy-frame{stroke:#717b86}
.sy-chosen{stroke:#f58a3c}
.sy-empty{stroke:#262b32}
text.sy-trial{fill:#58b0f0}
text.sy-top{fill:#f58a3c}
text.sy-pruned,text.sy-lost{fill:#9ba5b0}
.sy-line-0{stroke:#f58a3c}.sy-line-1{stroke:#58b0f0}.sy-line-2{stroke:#3fc9a2}
.sy-line-3{stroke:#e08fca}.sy-line-4{stroke:#d8b93a}.sy-line-5{stroke:#9ba5b0}
text.sy-line-0{fill:#f58a3c}text.sy-line-1{fill:#58b0f0}text.sy-line-2{fill:#3fc9a2}
text.sy-line-3{fill:#e08fca}text.sy-line-4{fill:#d8b93a}text.sy-line-5{fill:#9ba5b0}
.sy-heat-0{fill:#1b222b}.sy-heat-1{fill:#1d3043}.sy-heat-2{fill:#1e3f5c}.sy-heat-3{fill:#1f5178}
.sy-heat-4{fill:#236896}.sy-heat-5{fill:#3b86b8}.sy-heat-6{fill:#63a6d3}.sy-heat-7{fill:#94c7e8}
.sy-heat-8{fill:#cbe5f7}
text.sy-on-pale{fill:#e8ebee}
text.sy-on-deep{fill:#0d1117}
.sy-curves text.sy-halo{stroke:#14171c}
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


def titled(element: str, content: str) -> str:
    """An element with what a pointer that rests on it is told."""
    return f"<g><title>{escape(content)}</title>{element}</g>"


def rectangle(x: float, y: float, width: float, height: float, style: str) -> str:
    """A rectangle; ``x`` and ``y`` are its upper left corner."""
    return f'<rect class="{style}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def spot(x: float, y: float, style: str) -> str:
    """A round dot."""
    return path(f"M{x:.1f} {y:.1f}h0", f"{style} sy-spot")


def cross(x: float, y: float, style: str) -> str:
    """Two strokes that cross, 7 wide."""
    return path(f"M{x - 3.5:.1f} {y - 3.5:.1f}l7 7m0 -7l-7 7", f"{style} sy-cross")
