"""The web console: where studies are launched, watched and heard, without Python.

    template ──renders──> shell ──loads──> script of the page ──asks──> /v1
                           └── who is signed in, which page this is      └── all that the page shows

- `routes`: the table of pages, and the files that they load
- `templates`: a shell for each page, over `layout.html`; folders by noun, as in the API
- `assets`: `console.css`, the modules that pages share, and in folders by noun a script for each page

A page is a line in `PAGES`, a template and a script. The template extends `layout.html` and fills the blocks `title`,
`script` (path of the script within `assets`) and `content`; `style` takes a style sheet of its own. It holds headings
and empty places; the script fills them from `/v1`, with modules that pages share (`server` and `html` also with the
participants' page, by `service.assets`):

    session     who is signed in: `may("experimenter")`; what the page is about: `subject`
    server      asks `/v1`: `get`, `post`, `create`; the server's own sentence on failure, patience while it is away
    events      follows server-sent events, and takes up where it was after a break
    html        elements and text, never markup: what a person typed stays text
    notice      the line above the page that says what went wrong, and that the server is away
    table       tables, lists of values, and lists that come in pieces
    form        fields with hints and errors beside them;  glossary: what their words mean
    dialog      questions before what cannot be taken back
    player      buttons that play a sound, each as loud as every other; one is heard at a time
    tile        sounds to be seen and heard, and taken along as files
    sides       letters and colours of what is compared
    volume      how loud that is, by one control in the frame of every page
    tabs        parts of a page of which one is seen
    copy        text with a button that copies it
    sharing     a button that makes, shows and withdraws links for others
    chart       lines and clouds of points over axes;  scatter: points that play their sounds
    numbers     figures in words;  time: moments and durations in words
    polling     asks again now and then while somebody looks, and not more often than is of use
    frame       what is around every page: volume, signing out, and what `notice` says of the connection

No page has a script or style within itself: the policy in `service.assets` would not let it run. Nor can what somebody
typed become one: browsers that know trusted types refuse to make markup of text here.

Until its script is there, a button would do nothing, and a form would put what was typed into the address: both are
made by script, or disabled until then.
"""

from service.console.routes import open_page, problem_page, router

__all__ = ["open_page", "problem_page", "router"]
