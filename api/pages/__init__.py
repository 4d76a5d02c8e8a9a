"""The web application of the fleet unit: Danish by default, English behind a switch.

A folder for each subject. A module of it is named after the page that it shows, as is its template;
beside them are `views` (what its pages show), `forms` (reads what people send), `labels` (the words
for its enumerations) and `routes` (the addresses). `frame` is what all pages share, `words` how
values are said, and `routes` here puts all of it together.
"""
