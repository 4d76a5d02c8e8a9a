"""The web application of the fleet unit: Danish by default, English behind a switch.

Each subject has a folder. A module in it is named after the page that it shows, as is the template.
Beside them are `views` (the values that its pages show), `forms` (reads the forms that people
send), `labels` (the words for its enumerations) and `routes` (the addresses). `frame` holds the
parts that all pages share, `words` puts values into words, and `routes` in this folder puts the
subjects together.
"""
