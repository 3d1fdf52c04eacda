"""Postal addresses: a street with its number near a postcode with its town."""

from __future__ import annotations

import time

import pytest

from lake.safeguards.personal.addresses import addresses

MASKED = [
    "Hauptstraße 12, 10115 Berlin", "Karl-Marx-Allee 3a, 10178 Berlin", "Hauptstr. 12\n10115 Berlin",
    "Neue Schönhauser Straße 20, D-10178 Berlin", "Unter den Linden 5, 10117 Berlin",
    "Straße des 17. Juni 135, 10623 Berlin", "Marktplatz 1, 60311 Frankfurt am Main", "Bahnhofstrasse 1, 8001 Zürich",
    "Mariahilfer Straße 10/2/5, 1060 Wien", "10115 Berlin, Hauptstraße 12", "12 rue de la Paix, 75002 Paris",
    "12 bis, avenue des Champs-Élysées 75008 Paris", "5 place du Capitole\n31000 Toulouse",
    "8 rue du château, 69001 Lyon Cedex 01", "Rue Neuve 12, 1000 Bruxelles", "221B Baker Street, London NW1 6XE",
    "10 Downing St, Westminster, London SW1A 2AA", "Flat 3, 24 Park Road, Leeds LS1 4AP",
    "1600 Pennsylvania Avenue NW, Washington, DC 20500", "350 5th Avenue, New York, NY 10118-0110",
    "1 Infinite Loop, Cupertino, California 95014", "24 Sussex Drive, Ottawa, ON K1M 1M4",
    "12 George Street, Sydney NSW 2000", "Calle de Alcalá 45, 28014 Madrid", "C/ Mayor, 3, 2º B, 28013 Madrid",
    "Avda. de la Constitución nº 10, 41001 Sevilla", "Via Roma 10, 00184 Roma", "Piazza del Duomo, 1 - 20122 Milano",
    "Keizersgracht 174, 1016 DW Amsterdam", "Laan van Meerdervoort 50, 2517AM Den Haag",
    "Rua Augusta 100, 1100-053 Lisboa", "ul. Marszałkowska 10/5, 00-590 Warszawa", "Drottninggatan 5, 111 51 Stockholm",
    "Nørregade 10, 1165 København", "Mannerheimintie 5, 00100 Helsinki", "Karl Johans gate 1, 0154 Oslo",
    "15 Grafton Street, Dublin D02 XY45", "Vodičkova ulice 12, 110 00 Praha", "1051 Budapest, Nádor utca 9",
]  # fmt: skip
LEFT = [
    "Order 12, 10115 pieces", "Hauptstraße 12 ist gesperrt", "Room 12, 10115 Berlin", "10115 Berlin", "The Way 12",
    "We sold 5000 Euro in Bahnhof 3, 1500 Euro", "Markt 3 und dann nach 10115 Berlin", "Version 12 of Main Street",
    "Ticket 12 road map, NW1 6XE", "Chapter 3 Street View, see 10115 Berlin", "Plan 3, 2024 Umsatz",
    "Projekt 12, 2024 Berlin", "3 Items Drive test failed. Code 10115 Berlin",
    "Hauptstraße 12. Am Montag rufen wir an: 10115 Berlin",
]  # fmt: skip


@pytest.mark.parametrize("address", MASKED)
def test_the_address_is_found_and_nothing_else(address: str) -> None:
    text = f"please send it to {address}. thanks"
    assert [text[found.start : found.end] for found in addresses(text)] == [address]


@pytest.mark.parametrize("text", LEFT)
def test_other_numbers_and_places_stay(text: str) -> None:
    assert addresses(text) == []


@pytest.mark.parametrize(
    "street", ["via " + "a" * 112, "Via " + "de la " * 18, "12 rue " + "A.A." * 28, "Aa-" * 40, "12 A " * 25]
)
def test_long_texts_take_no_longer_than_others(street: str) -> None:
    started = time.process_time()
    addresses(f"{street} 10115 Berlin NW1 6XE " * 300)
    assert time.process_time() - started < 2
