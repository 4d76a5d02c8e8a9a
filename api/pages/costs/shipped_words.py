"""English for the sources and notes of the figures that the product ships, which are Danish. What
a municipality wrote itself is shown as it wrote it."""

from collections.abc import Mapping

from api.pages.words.language import Language

#: The shipped sources and notes that are not the same in English.
ENGLISH: Mapping[str, str] = {
    # Sources
    "OS2fleetoptimiser, beregner": "OS2fleetoptimiser, calculator",
    "OS2fleetoptimiser, standardværdi": "OS2fleetoptimiser, default value",
    "OS2fleetoptimiser, standardværdier (Miljøstyrelsens værktøj)": (
        "OS2fleetoptimiser, default values (tool of the Danish Environmental Protection Agency)"
    ),
    "OS2fleetoptimiser, tabel over dansk el": "OS2fleetoptimiser, table of Danish electricity",
    "afledt af NAF's vintertest": "derived from the winter test of NAF",
    "almen viden": "common knowledge",
    "RAH Net, tilslutningsbidrag pr. 1. januar 2025": (
        "RAH Net, connection fees from 1 January 2025"
    ),
    "Erhverv C, 1.420 kr. pr. ampere; 0,693 kW pr. ampere ved 400 V og tre faser. Indsæt jeres "
    "netselskabs pris": (
        "Business C, DKK 1,420 an ampere; 0.693 kW an ampere at 400 V and three phases. Enter the "
        "price of your grid company"
    ),
    "Varsel, før en leasingaftale slutter; den enkelte aftale siger det": (
        "Notice before a lease ends; the contract of each says it"
    ),
    "ingen korrektion": "no correction",
    "produktets valg": "the product's choice",
    "q8.dk, emissionsfaktorer 2024": "q8.dk, emission factors 2024",
    "skøn": "estimate",
    "skøn; årligt beløb: OS2fleetoptimisers demodata": (
        "estimate; yearly amount: demo data of OS2fleetoptimiser"
    ),
    "statens takster, gengivet af TEKNIQ": "rates of the Danish state, as quoted by TEKNIQ",
    "tv2fyn.dk om Odense; denansvarligeindkober.dk": (
        "tv2fyn.dk on Odense; denansvarligeindkober.dk"
    ),
    # Notes
    "16 km pr. liter benzin": "16 km per litre of petrol",
    "1: kilde til hjul (med produktion af brændstof og el); 0: tank til hjul (kun ved køretøjet)": (
        "1: well to wheel (with the production of fuel and electricity); 0: tank to wheel (at the"
        " vehicle only)"
    ),
    "1: årets øvrige dage er som periodens. Sæt fx 0,9, hvis der køres 10 % mindre over hele året"
    " end i perioden": (
        "1: the other days of the year are like those of the period. Set 0.9, for instance, where"
        " 10% less is driven over the whole year than in the period"
    ),
    "3,5 t med tiplad og anhængertræk": "3.5 t with tipper body and tow bar",
    "3,5–4,25 t med tiplad og anhængertræk": "3.5–4.25 t with tipper body and tow bar",
    "4 % om året": "4% a year",
    "4–5 pladser": "4–5 seats",
    "5 pladser. Til sammenligning: 47.000 kr. om året i OS2fleetoptimisers demodata": (
        "5 seats. For comparison: DKK 47,000 a year in the demo data of OS2fleetoptimiser"
    ),
    "5 pladser. Til sammenligning: 61.000 kr. om året i OS2fleetoptimisers demodata": (
        "5 seats. For comparison: DKK 61,000 a year in the demo data of OS2fleetoptimiser"
    ),
    "7. december 2023": "7 December 2023",
    "8 passagerer og fører": "8 passengers and the driver",
    "AC-ladning ved depotet": "AC charging at the depot",
    "Afhænger af anlægget; indsæt leverandørens faktor": (
        "Depends on the plant; put in the factor of the supplier"
    ),
    "Benzin E10, kilde til hjul": "Petrol E10, well to wheel",
    "Benzin E10, tank til hjul": "Petrol E10, tank to wheel",
    "Bærer ca. 100 kg. Turen tager længere tid end i bil, og det regner modellen ikke med": (
        "Carries about 100 kg. The trip takes longer than by car, which the model leaves out"
    ),
    "CO₂ fra biogas regnes som biogen; metanslip er ikke med": (
        "CO₂ from biogas counts as biogenic; methane slip is left out"
    ),
    "Ca. 10 m³": "About 10 m³",
    "Ca. 3,5 m³": "About 3.5 m³",
    "Cykel": "Bicycle",
    "Dage om året med glat føre, hvor køretøjer mangler": (
        "Days a year with slippery roads, on which vehicles are missing"
    ),
    "Dage om året under en influenzabølge": "Days a year during a wave of influenza",
    "Diesel B7, kilde til hjul": "Diesel B7, well to wheel",
    "Diesel B7, tank til hjul": "Diesel B7, tank to wheel",
    "Dieselvarebil, der tankes med HVO": "Diesel van that is fuelled with HVO",
    "Elektrolyse med 55 kWh pr. kg og dansk el; indsæt leverandørens faktor": (
        "Electrolysis with 55 kWh per kg and Danish electricity; put in the factor of the supplier"
    ),
    "Et valg om året i gennemsnit": "One election a year on average",
    "Evalueringsperiode for køretøjer": "Evaluation period for vehicles",
    "Flere besøg pr. person, når kolleger er syge": (
        "More visits per person when colleagues are ill"
    ),
    "Fra november: rækkevidde, som er målt om vinteren, holdes for sig": (
        "From November on: range that is measured in winter is kept apart"
    ),
    "Fremskrivning; tabellens første år er regnet som 2020": (
        "Projection; the first year of the table is counted as 2020"
    ),
    "Grænsen mellem høj og lav sats": "The limit between the high and the low rate",
    "HVO, tank til hjul": "HVO, tank to wheel",
    "HVO, typisk, kilde til hjul": "HVO, typical, well to wheel",
    "Høj sats, til og med 20.000 km om året": "High rate, up to 20,000 km a year",
    "Indsæt egen aftalepris": "Put in the price of your own agreement",
    "Ingen flere ture": "No more trips",
    "Ingen køretøjer mangler": "No vehicles are missing",
    "Komprimeret biogas ved tankanlæg; indsæt egen aftalepris": (
        "Compressed biogas at the filling station; put in the price of your own agreement"
    ),
    "Kræver tankanlæg til komprimeret gas": "Needs a filling station for compressed gas",
    "Køretøjer, der er kørt fast eller ikke har vinterdæk": (
        "Vehicles that are stuck or have no winter tyres"
    ),
    "Kørsel, som siden om ejeromkostninger begynder med": (
        "The km that the page of costs of ownership begins with"
    ),
    "Lav sats, over 20.000 km om året": "Low rate, above 20,000 km a year",
    "Levetid": "Lifetime",
    "Listepris 7. december 2023": "List price of 7 December 2023",
    "Omkring 2021": "About 2021",
    "Opsat ladepunkt, pr. køretøj, omtrent": "An installed charge point, per vehicle, about",
    "Planlægningsrækkevidde om vinteren: 0,65–0,70 af WLTP (−18,5 % i 2020, −38 % i den strenge"
    " kulde i 2026, og slid); den forsigtige ende": (
        "Range to plan with in winter: 0.65–0.70 of WLTP (−18.5% in 2020, −38% in the hard cold"
        " of 2026, and wear); the cautious end"
    ),
    "Som benzin (EEA 2021); biogas og brint": "As petrol (EEA 2021); biogas and hydrogen",
    "Stor varebil med liftbagsmæk": "Large van with tail lift",
    "Så mange km skal en type have kørt i en årstid, før den målte rækkevidde træder i stedet for"
    " katalogets": (
        "So many km a kind must have driven in a season before the measured range takes the place"
        " of that of the catalogue"
    ),
    "Taxa eller lejet køretøj, bestilt og betalt hver gang": (
        "Taxi or hired vehicle, ordered and paid each time"
    ),
    "Til og med marts": "To the end of March",
    "To aksler. Lastbiler har ingen WLTP; rækkevidden er producentens oplysning, som den regnes"
    " her. Lader med 43 kW; ladepunktet er regnet som tre almindelige": (
        "Two axles. Lorries have no WLTP; the range is what the manufacturer states, as it is"
        " calculated here. Charges with 43 kW; the charge point counts as three ordinary ones"
    ),
    "To aksler; dieselmotor, der tankes med HVO": "Two axles; diesel engine that runs on HVO",
    "To aksler; kræver tankanlæg til komprimeret gas": (
        "Two axles; needs a filling station for compressed gas"
    ),
    "Ture med valgmateriel og tilforordnede": "Trips with election material and poll workers",
    "Virkeligt forbrug 18,2 % over WLTP; bruges også for HVO": (
        "Real consumption 18.2% above WLTP; used for HVO, too"
    ),
    "Virkeligt forbrug 19,8 % over WLTP": "Real consumption 19.8% above WLTP",
    "Værdi af et ton CO₂e": "The value of a tonne of CO₂e",
    "Årligt beløb: OS2fleetoptimisers demodata for en cykel. Turen tager længere tid end i bil, og"
    " det regner modellen ikke med: tillad den kun, hvor det kan lade sig gøre": (
        "Yearly amount: demo data of OS2fleetoptimiser for a bicycle. The trip takes longer than by"
        " car, which the model leaves out: offer it only where that is possible"
    ),
    "Årsgennemsnit af korte ture, sommer og vinter": (
        "Yearly average of short trips, summer and winter"
    ),
}

#: Shipped sources that are the same in both languages.
SAME = frozenset({"EEA 2021", "bt.dk"})


#: The names of the kinds of the starter catalogue.
KIND_NAMES: Mapping[str, str] = {
    "Elbil, lille": "Electric car, small",
    "Elbil, mellem": "Electric car, medium",
    "Elvarebil, lille": "Electric van, small",
    "Elvarebil, stor": "Electric van, large",
    "Elvarebil med lift": "Electric van with lift",
    "Ladvogn, el": "Dropside truck, electric",
    "Minibus, el": "Minibus, electric",
    "Lastbil, el": "Lorry, electric",
    "Benzinbil, lille": "Petrol car, small",
    "Dieselbil, mellem": "Diesel car, medium",
    "Varebil, benzin": "Van, petrol",
    "Varebil, diesel": "Van, diesel",
    "Varebil, diesel på HVO": "Van, diesel on HVO",
    "Varebil, biogas": "Van, biogas",
    "Ladvogn, diesel": "Dropside truck, diesel",
    "Minibus, diesel": "Minibus, diesel",
    "Lastbil med kran, HVO": "Lorry with crane, HVO",
    "Lastbil, biogas": "Lorry, biogas",
    "Elcykel": "Electric bicycle",
    "Ladcykel, el": "Cargo bicycle, electric",
}


def say_starter_kind(name: str, language: Language) -> str:
    """The name of a kind of the starter catalogue in the language."""
    return KIND_NAMES.get(name, name) if language is Language.ENGLISH else name


def say_shipped(text: str, /, language: Language) -> str:
    """A source or a note in the reader's language, where the product ships it."""
    return text if language is Language.DANISH else ENGLISH.get(text, text)
