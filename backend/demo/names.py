"""Invented names for the demo fund, built from common Danish ones. No person, phone or address is meant."""

FIRST = (
    "Anna", "Asger", "Astrid", "Benny", "Bente", "Birgitte", "Carl", "Cecilie", "Charlotte", "Dennis", "Ditte",
    "Ebbe", "Elin", "Erik", "Esben", "Flemming", "Frederik", "Frida", "Gorm", "Gunhild", "Gustav", "Hanne",
    "Henrik", "Inger", "Ivan", "Jakob", "Jørgen", "Katrine", "Kim", "Kirsten", "Kåre", "Lasse", "Lise", "Lone",
    "Mads", "Malene", "Martin", "Mikkel", "Nanna", "Nikolaj", "Ole", "Palle", "Per", "Rikke", "Signe", "Simon",
    "Solveig", "Stine", "Thomas", "Tove", "Troels", "Trine", "Ulrik", "Vibeke", "Viggo", "Åge", "Amira", "Bogdan",
    "Daria", "Hassan", "Ion", "Katarzyna", "Leila", "Marek", "Natalia", "Oleh", "Tomasz", "Yusuf",
)  # fmt: skip
LAST = (
    "Aagaard", "Andresen", "Bach", "Bak", "Bech", "Bjerre", "Brandt", "Bruun", "Carlsen", "Dahl", "Damgaard",
    "Ebbesen", "Enevoldsen", "Fabricius", "Frandsen", "Gade", "Gregersen", "Hald", "Hedegaard", "Hjort", "Holm",
    "Ibsen", "Jepsen", "Juhl", "Kirkegaard", "Kjeldsen", "Koch", "Krogh", "Laursen", "Lauridsen", "Lindholm",
    "Madsen", "Mikkelsen", "Mortensen", "Munk", "Nissen", "Nygaard", "Overgaard", "Petersen", "Ravn", "Riis",
    "Schmidt", "Skov", "Svendsen", "Søgaard", "Toft", "Vestergaard", "Winther", "Østerby", "Ali", "Kowalska",
    "Melnyk", "Popescu", "Wójcik",
)  # fmt: skip
# 55 towns with a branch each: the first 30 are head offices.
TOWNS = (
    ("1606", "København"), ("2750", "Ballerup"), ("3000", "Helsingør"), ("3400", "Hillerød"), ("3600", "Frederikssund"),
    ("4000", "Roskilde"), ("4100", "Ringsted"), ("4200", "Slagelse"), ("4300", "Holbæk"), ("4400", "Kalundborg"),
    ("4600", "Køge"), ("4700", "Næstved"), ("4800", "Nykøbing F"), ("5000", "Odense"), ("5700", "Svendborg"),
    ("6000", "Kolding"), ("6100", "Haderslev"), ("6200", "Aabenraa"), ("6400", "Sønderborg"), ("6700", "Esbjerg"),
    ("7000", "Fredericia"), ("7100", "Vejle"), ("7400", "Herning"), ("7500", "Holstebro"), ("7800", "Skive"),
    ("8000", "Aarhus"), ("8600", "Silkeborg"), ("8700", "Horsens"), ("8800", "Viborg"), ("9000", "Aalborg"),
    ("2300", "Amager"), ("2620", "Albertslund"), ("3300", "Frederiksværk"), ("3700", "Rønne"), ("4180", "Sorø"),
    ("4500", "Nykøbing Sj"), ("4900", "Nakskov"), ("5500", "Middelfart"), ("5600", "Faaborg"), ("5800", "Nyborg"),
    ("6270", "Tønder"), ("6600", "Vejen"), ("6800", "Varde"), ("6870", "Ølgod"), ("6900", "Skjern"),
    ("7190", "Billund"), ("7600", "Struer"), ("7700", "Thisted"), ("7900", "Nykøbing M"), ("8300", "Odder"),
    ("8500", "Grenaa"), ("8900", "Randers"), ("9500", "Hobro"), ("9800", "Hjørring"), ("9900", "Frederikshavn"),
)  # fmt: skip
EMPLOYERS = tuple(
    f"{first} {last}"
    for first in ("Bælthavets", "Limfjordens", "Hedens", "Nordkystens", "Gudenåens", "Vestegnens", "Sundets", "Fynske",
                  "Midtjyske", "Østlige")
    for last in ("Maskinfabrik A/S", "Smedje ApS", "Stålmontage A/S", "Værft", "Automation A/S", "Køleteknik ApS",
                 "IT-Drift A/S", "Autoværksted", "Energiservice A/S")
)  # fmt: skip
TITLES = (
    "Smed", "Klejnsmed", "Industritekniker", "Maskinarbejder", "Svejser (TIG)", "Automatiktekniker", "Datatekniker",
    "It-supporter", "Elektronikfagtekniker", "Mekaniker", "CNC-operatør", "Lagermedarbejder", "Montør", "Køletekniker",
    "Skibsbygger", "Produktionsmedarbejder", "Værkfører", "Systemadministrator",
)  # fmt: skip
