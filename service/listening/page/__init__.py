"""The page that participants of a listening test see.

- `listen.html`: the shell, the same for every invite
- `assets`: its style, its words and its scripts; `listen.js` is where they begin, and lists the others. Two are shared
  with the console, by `service.assets`
- `routes`: serves both

It speaks to `/v1/listen` and to nothing else. Its words are in `assets/texts.LANGUAGE.json`, one file for each of
`service.listening.languages.LANGUAGES`; those that follow from a plan are in `service/listening/words`.
"""

from service.listening.page.routes import router

__all__ = ["router"]
