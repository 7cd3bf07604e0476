"""Catalogues of what the command line says in Chinese: `"English" = "中文"` under [messages]."""
