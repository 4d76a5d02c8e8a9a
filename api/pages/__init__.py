"""The web application of the fleet unit: Danish by default, English behind a switch.

`views` says what each page shows, `render` draws it, `forms` reads what people send, and `frame`
installs what all pages share.
"""
