"""What a browser may load and run on our pages."""

from __future__ import annotations

# Nothing of ours is inline. Pictures of items live on the shops' own servers.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "https:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'self'"],
        "object-src": ["'none'"],
    }
}
# The theme's Alpine compiles expressions; only pages under /admin/ allow it.
ADMIN_ADDITIONS = {"script-src": ["'unsafe-eval'"]}
