"""How the theme's own lists and forms write dates; ours have a tag for moments."""
