"""Blinded listening tests: what experimenters plan, what participants hear and answer, and that nobody can tell.

    draft -> sealed -> open -> closed -> unblinded

- `states`: this life, and its legal moves
- `spec`: what a test is, as the files in `studies/listening` say it
- `design`: from a spec to questions, and to those of one participant
- `stimuli`: sounds with fresh seeds, rendered and aligned; `store` keeps them, `sealing` commits to them
- `texts`: words of the experimenter's own; `languages`, `words` and `wording`: those that follow from a plan, in six
  languages; `misfits`: where words contradict it
- `names`: those that tell where a sound comes from, among what participants read
- `audit`: what could tell which sound is which; nothing must, before a test opens
- `trying`: whether a plan can be analysed, before anyone answers
- `previews`: a plan as participants will meet it, with nothing kept of it
- `stages`, `joining`, `answering`: a participant's way through a test
- `showing`: what the page is told on that way
- `tables`, `queries`: what is kept
- `outcome`, `report`: what came out, once a test is unblinded
- `webmushra`: reading what others have planned with it, with a list of what is not kept
- `schemas`, `planning_endpoints`, `endpoints`, `result_endpoints`: `/v1/listening-tests`, for experimenters
- `page_schemas`, `page_endpoints`: `/v1/listen`, for participants
- `page`: what participants see, at `/listen/...`

An experimenter may take part too: until a test is unblinded, neither API, logs nor files' names join an address to a
nebula, and of the answers only their number is shown. Whoever can read the database can of course look it up; and
a participant who analyses the sounds themselves, rather than listening, is out of scope.
"""
