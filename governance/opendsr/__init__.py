"""OpenDSR 2.0, in both directions.

Towards processors that hold copies of captures we are the controller: each of them is notified of an erasure here, and
its acknowledgement is stored. Towards controllers that we trust we are a processor: what they request for a person
becomes an ordinary request, which that person sees as their own.

signing           our key and certificate; creating and verifying signatures
partners          whom we notify and who may send us requests, from one file
messages          the messages, field by field
statuses          our states as OpenDSR statuses
identities        from a person to the identity that a partner knows, and back
outbound          HTTP to partners: only to listed addresses, signed, never redirected
serving           requests that controllers send us
callbacks         notifying controllers of each change
notifying         notices of an erasure to processors, and their acknowledgements
processor_status  what those processors report later
following         background work, in parallel to the worker's other work
"""
