"""Released numbers for My area and Programme: panels, charts and their wording."""
