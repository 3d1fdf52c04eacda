"""Views of the dashboard that people saved under names of their own: a page, and what its address selects.

Name and selection are the person's own content, sealed under their content key for the id of the view. They are in
their export, and an erasure of everything deletes them. One that can no longer be opened, because an older state was
restored after its key was destroyed, is in no list, and goes when the person saves another.
"""
