"""Things that stay in the house or go up the hill."""

from __future__ import annotations

_LINES = 'fill="none" stroke="$d" stroke-width="3" stroke-linecap="round"'
_PALE = 'fill="none" stroke="$b" stroke-width="3" stroke-linecap="round"'

KEPT = {
    "speaker": (
        '<rect x="33" y="12" width="30" height="48" rx="4" fill="$a"/>'
        '<circle cx="48" cy="26" r="6" fill="$b"/><circle cx="48" cy="45" r="10" '
        'fill="$b"/><circle cx="48" cy="45" r="4" fill="$a"/>'
    ),
    "headphones": (
        '<path d="M28 44V36a20 20 0 0 1 40 0v8" fill="none" stroke="$a" '
        'stroke-width="6"/><rect x="22" y="40" width="13" height="20" rx="5" '
        'fill="$a"/><rect x="61" y="40" width="13" height="20" rx="5" fill="$a"/>'
        '<rect x="31" y="42" width="5" height="16" rx="2" fill="$b"/>'
        '<rect x="60" y="42" width="5" height="16" rx="2" fill="$b"/>'
    ),
    "radio": (
        '<path d="M34 24l26-12" stroke="$d" stroke-width="3"/>'
        '<rect x="22" y="24" width="52" height="34" rx="6" fill="$a"/>'
        '<circle cx="37" cy="41" r="10" fill="$b"/><path d="M54 34h13M54 41h13M54 '
        '48h13" stroke="$b" stroke-width="3"/>'
    ),
    "lamp": (
        '<path d="M36 12h24l9 24H27z" fill="$a"/><path d="M48 36v20" stroke="$d" '
        'stroke-width="4"/><rect x="35" y="55" width="26" height="6" rx="3" '
        'fill="$b" stroke="$d" stroke-width="1.5"/>'
    ),
    "bulb": (
        '<path d="M48 10a18 18 0 0 0-9 33c2 2 2 4 2 7h14c0-3 0-5 2-7a18 18 0 0 '
        '0-9-33z" fill="$b"/><path d="M48 18a11 11 0 0 0-11 11" fill="none" '
        'stroke="$a" stroke-width="3"/><rect x="40" y="50" width="16" height="12" '
        'rx="3" fill="$a"/>'
    ),
    "gauge": (
        '<circle cx="48" cy="36" r="25" fill="$a"/><circle cx="48" cy="36" r="18" '
        'fill="$b"/><path d="M48 36l9-9" stroke="$a" stroke-width="4" '
        'stroke-linecap="round"/><circle cx="48" cy="36" r="4" fill="$a"/>'
    ),
    "plug": (
        '<path d="M40 12v14M56 12v14" stroke="$d" stroke-width="5"/><path d="M32 '
        '25h32v12a16 16 0 0 1-32 0z" fill="$a"/><path d="M48 52v10" stroke="$b" '
        'stroke-width="6"/>'
    ),
    "camera": (
        '<path d="M24 24h12l4-8h16l4 8h12v34H24z" fill="$a"/>'
        '<circle cx="48" cy="40" r="13" fill="$b"/><circle cx="48" cy="40" r="7" '
        'fill="$d"/>'
    ),
    "keyboard": (
        '<rect x="16" y="24" width="64" height="28" rx="5" fill="$a"/><path d="M23 '
        '32h50M23 38h50" stroke="$b" stroke-width="4" stroke-dasharray="5 3"/>'
        '<path d="M32 45h32" stroke="$b" stroke-width="4"/>'
    ),
    "stand": (
        '<rect x="22" y="12" width="52" height="30" rx="3" fill="$b" stroke="$a" '
        'stroke-width="4"/><path d="M48 42v10" stroke="$a" stroke-width="6"/>'
        '<rect x="30" y="52" width="36" height="8" rx="3" fill="$a"/>'
    ),
    "book": (
        '<path d="M30 12h34a4 4 0 0 1 4 4v44H32a6 6 0 0 1-6-6V16a4 4 0 0 1 4-4z" '
        'fill="$a"/><path d="M32 52h36v8H32a4 4 0 0 1 0-8z" fill="$b"/>'
        '<rect x="37" y="22" width="22" height="12" rx="2" fill="$b"/>'
    ),
    "throw": (
        '<rect x="26" y="12" width="44" height="42" rx="3" fill="$a"/>'
        '<path d="M26 20h44M26 30h44M26 40h44" stroke="$b" stroke-width="5"/>'
        '<path d="M30 54v8M38 54v8M46 54v8M54 54v8M62 54v8" stroke="$a" '
        'stroke-width="3"/>'
    ),
    "cushion": (
        '<path d="M24 14c16 5 32 5 48 0-5 14-5 30 0 44-16-5-32-5-48 0 5-14 5-30 '
        '0-44z" fill="$a"/><path d="M34 24l28 24M62 24L34 48" stroke="$b" '
        'stroke-width="4"/>'
    ),
    "mug": (
        '<path d="M62 26h6a9 9 0 0 1 0 20h-6" fill="none" stroke="$a" '
        'stroke-width="6"/><path d="M26 18h38v32a8 8 0 0 1-8 8H34a8 8 0 0 1-8-8z" '
        'fill="$a"/><path d="M26 28h38M26 38h38" stroke="$b" stroke-width="4"/>'
    ),
    "bowl": (
        '<path d="M18 30h60a30 26 0 0 1-60 0z" fill="$a"/>'
        '<rect x="38" y="54" width="20" height="6" rx="2" fill="$a"/>'
        '<path d="M23 38h50" stroke="$b" stroke-width="5"/>'
    ),
    "plate": (
        '<circle cx="48" cy="36" r="27" fill="$a"/><circle cx="48" cy="36" r="18" '
        'fill="$b"/><circle cx="48" cy="36" r="13" fill="none" stroke="$a" '
        'stroke-width="2"/>'
    ),
    "jug": (
        '<path d="M62 24h6a8 8 0 0 1 2 16l-9 4" fill="none" stroke="$a" '
        'stroke-width="5"/><path d="M30 12h28l6-2-2 14c4 8 4 20-2 36H34c-7-16-6-30'
        '-4-48z" fill="$a"/><path d="M31 36h32" stroke="$b" stroke-width="6"/>'
    ),
    "candle": (
        '<path d="M48 8c7 8 6 14 0 16-6-2-7-8 0-16z" fill="#e9a23b"/>'
        '<path d="M48 22v8" stroke="$d" stroke-width="3"/>'
        '<rect x="32" y="30" width="32" height="32" rx="4" fill="$a"/>'
        '<rect x="32" y="39" width="32" height="13" fill="$b"/>'
    ),
    "tapers": (
        '<path d="M34 8c4 6 3 10 0 11-3-1-4-5 0-11zM48 4c4 6 3 10 0 11-3-1-4-5 '
        '0-11zM62 12c4 6 3 10 0 11-3-1-4-5 0-11z" fill="#e9a23b"/>'
        '<rect x="30" y="22" width="8" height="38" fill="$a"/>'
        '<rect x="44" y="18" width="8" height="42" fill="$b"/>'
        '<rect x="58" y="26" width="8" height="34" fill="$a"/>'
        '<path d="M22 61h52" stroke="$d" stroke-width="4"/>'
    ),
    "diffuser": (
        f'<path d="M44 34L34 8M48 34V6M52 34L64 9" {_LINES}/>'
        '<path d="M42 30h12v8l9 9v11a4 4 0 0 1-4 4H37a4 4 0 0 1-4-4V47l9-9z" '
        'fill="$a"/><rect x="38" y="47" width="20" height="9" rx="1" fill="$b"/>'
    ),
    "lantern": (
        f'<path d="M40 16a8 8 0 0 1 16 0" {_LINES}/><path d="M36 16h24l6 10H30z" '
        'fill="$a"/><rect x="32" y="26" width="32" height="30" fill="$b"/>'
        '<path d="M34 26v30M62 26v30" stroke="$a" stroke-width="5"/>'
        '<path d="M48 34c6 7 5 13 0 15-5-2-6-8 0-15z" fill="#e9a23b"/>'
        '<rect x="28" y="55" width="40" height="7" rx="2" fill="$a"/>'
    ),
    "vase": (
        '<path d="M48 30c-2-10-10-14-14-20M48 30V8M48 30c2-10 10-12 15-18" '
        'fill="none" stroke="#5f7f52" stroke-width="3"/>'
        '<circle cx="34" cy="11" r="5" fill="$b"/><circle cx="48" cy="8" r="5" '
        'fill="$b"/><circle cx="63" cy="12" r="5" fill="$b"/><path d="M40 28h16c-2 '
        '6 9 10 9 21 0 7-4 13-9 13H40c-5 0-9-6-9-13 0-11 11-15 9-21z" fill="$a"/>'
    ),
    "wreath": (
        '<circle cx="48" cy="34" r="20" fill="none" stroke="#5f7f52" '
        'stroke-width="11"/><circle cx="48" cy="34" r="20" fill="none" stroke="$b" '
        'stroke-width="6" stroke-dasharray="3 12"/><path d="M40 54l8-4 8 4-3 '
        '10-5-5-5 5z" fill="$a"/>'
    ),
    "frame": (
        '<rect x="26" y="10" width="44" height="52" rx="2" fill="$a"/>'
        '<rect x="33" y="17" width="30" height="38" fill="#fbfaf7"/>'
        '<path d="M33 55l11-16 7 8 5-5 7 13z" fill="$b"/>'
        '<circle cx="55" cy="27" r="4" fill="$a"/>'
    ),
    "board": (
        '<rect x="18" y="18" width="44" height="36" rx="8" fill="$a"/>'
        '<rect x="58" y="30" width="22" height="12" rx="6" fill="$a"/>'
        '<circle cx="73" cy="36" r="2.500" fill="$b"/><path d="M26 27h28M26 36h28M26 '
        '45h28" stroke="$b" stroke-width="3"/>'
    ),
    "pot": (
        '<path d="M40 16h16" stroke="$d" stroke-width="5"/><path d="M24 28c0-6 '
        '10-9 24-9s24 3 24 9z" fill="$b"/><rect x="24" y="29" width="48" '
        'height="28" rx="6" fill="$a"/><path d="M16 37h8M72 37h8" stroke="$a" '
        'stroke-width="6"/>'
    ),
    "tent": (
        '<path d="M48 12l34 48H14z" fill="$a"/><path d="M48 28l16 32H32z" '
        'fill="$b"/><path d="M48 28v32" stroke="$a" stroke-width="3"/>'
    ),
    "trowel": (
        '<path d="M62 10l8 8-14 14-8-8z" fill="$b" stroke="$d" stroke-width="2"/>'
        '<path d="M48 30l6-6M46 32l-4 4" stroke="$d" stroke-width="4"/><path d="M34 '
        '32l14 14c-4 10-14 15-24 16 1-10 4-22 10-30z" fill="$a"/>'
    ),
    "can": (
        f'<path d="M36 26c0-18 26-18 26 0" {_LINES}/><path d="M34 26h30v32H34z" '
        'fill="$a"/><path d="M34 46L18 26l-5 5 21 24z" fill="$a"/>'
        '<path d="M34 40h30" stroke="$b" stroke-width="5"/>'
    ),
    "planter": (
        '<path d="M48 36c-14-2-18-12-18-22 12 0 18 8 18 22zm0 0c14-2 18-14 18-26-12 '
        '2-18 10-18 26z" fill="#5f7f52"/><path d="M28 36h40l-6 26H34z" '
        'fill="$a"/><rect x="26" y="34" width="44" height="8" rx="2" fill="$b"/>'
    ),
    "mat": (
        '<path d="M30 16h44v30H34" fill="$b"/><rect x="24" y="42" width="52" '
        'height="16" rx="8" fill="$a"/><circle cx="30" cy="50" r="8" fill="$a"/>'
        f'<circle cx="30" cy="50" r="4" {_PALE}/>'
        '<path d="M40 22h28M40 29h28M40 36h28" stroke="$a" stroke-width="2"/>'
    ),
    "blocks": (
        '<rect x="20" y="34" width="40" height="24" rx="4" fill="$a"/>'
        '<rect x="40" y="14" width="36" height="22" rx="4" fill="$b" stroke="$a" '
        'stroke-width="2"/>'
    ),
    "strap": (
        '<path d="M24 50c0-40 48-40 48 0" fill="none" stroke="$a" stroke-width="9"/>'
        '<path d="M32 50c0-26 32-26 32 0" fill="none" stroke="$b" stroke-width="5"/>'
        '<rect x="17" y="46" width="20" height="13" rx="3" fill="$d"/>'
    ),
    "kettlebell": (
        '<path d="M37 32c-8-22 30-22 22 0" fill="none" stroke="$a" '
        'stroke-width="7"/><path d="M36 30h24c10 8 10 24 3 32H33c-7-8-7-24 '
        '3-32z" fill="$a"/><circle cx="48" cy="46" r="8" fill="$b"/>'
    ),
    "dumbbell": (
        '<path d="M30 36h36" stroke="$d" stroke-width="7"/>'
        '<rect x="22" y="18" width="12" height="36" rx="4" fill="$a"/>'
        '<rect x="62" y="18" width="12" height="36" rx="4" fill="$a"/>'
        '<rect x="13" y="25" width="9" height="22" rx="3" fill="$b"/>'
        '<rect x="74" y="25" width="9" height="22" rx="3" fill="$b"/>'
    ),
    "roller": (
        '<rect x="22" y="22" width="52" height="28" rx="14" fill="$a"/>'
        '<path d="M36 26v20M44 24v24M52 24v24M60 26v20" stroke="$b" '
        'stroke-width="4"/>'
    ),
    "ball": (
        '<circle cx="40" cy="38" r="20" fill="$a"/><path d="M24 30c12 8 22 8 33-2" '
        'fill="none" stroke="$b" stroke-width="4"/>'
        '<circle cx="66" cy="48" r="11" fill="$b" stroke="$a" stroke-width="3"/>'
    ),
}
