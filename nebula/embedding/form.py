"""The form in which sounds are compared, whatever they come from."""

#: Sounds are compared at this rate and length; a distance is given nothing else.
SAMPLE_RATE_HZ = 44100
DURATION_SECONDS = 4.0
