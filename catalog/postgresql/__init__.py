"""Django's PostgreSQL backend, for processes that must not wait for ever.

`base` is what `DATABASES["…"]["ENGINE"]` names; its connections (`connection`) give up
when the server stopped answering, which one thread of each web process feels (`pulse`).
Processes without that thread wait as long as ever.
"""
