"""Going out to servers on the network: one HTTP stack for feeds and for CalDAV.

- `policy`: which addresses may be asked; `guard`: that judged after resolution, on every connection
- `deadline`: an end to everything a server can do to waste time
- `client`: sessions with all of that, and one bounded GET
- `redirects`: which are followed, and what goes along
- `pacing`: not too many requests to one host at once
- `places`: what a secret address is called in a message

Only `guard` and `client` import the HTTP library, which takes longer than most of what a command does
without the network.
"""
