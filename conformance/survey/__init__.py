"""The survey: every client of the suite that can run here, in one table.

`clients` plays them, `standing` reads what came out, `page` writes it as Markdown and as HTML.
"""
