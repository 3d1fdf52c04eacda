"""OpenDSR 2.0, both ways.

Towards processors that hold copies of captures we are the controller: an erasure here is told to each of them,
and what they acknowledge is kept. Towards controllers that we trust we are a processor: what they ask for a
person becomes an ordinary request, which that person sees as their own.

signing     our key and certificate; signatures made and checked
partners    whom we tell and who may ask us, from one file
messages    what is said, field by field
statuses    our states in OpenDSR's words
identities  from a person to what a partner knows them by, and back
outbound    HTTP to partners: only where the file says, signed, never redirected
serving     requests that controllers send us
callbacks   telling controllers of each change
telling     telling processors of an erasure, and what becomes of it
following   what goes on in the background, beside the worker's other work
"""
