"""The privacy officer's page: health, requests, holds, models and their wording."""
