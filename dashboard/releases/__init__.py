"""Published numbers on My area and Programme: panels, charts and their wording."""
