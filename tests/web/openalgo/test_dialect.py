"""OpenAlgo's words for what is wrong with a request, before anything is done."""

from tests.web.openalgo.served import Client, House, an_order

NAN = "Special numeric values (nan or infinity) are not permitted."
FRACTION = "Fractional quantity (1.5) is not allowed for non-crypto exchanges."
#: Field, value, and what OpenAlgo says about it.
FAULTS = [
    ("quantity", "0", "Quantity must be a positive number."),
    ("quantity", "1.5", FRACTION),
    ("quantity", None, "Field may not be null."),
    ("quantity", True, "Not a valid number."),
    ("quantity", "many", "Not a valid number."),
    ("quantity", "nan", NAN),
    ("quantity", "{{strategy.order.contracts}}", "Not a valid number."),
    ("price", "-1", "Price must be a non-negative number."),
    ("trigger_price", "-1", "Trigger price must be a non-negative number."),
    ("disclosed_quantity", "0.0", "Not a valid integer."),
    ("disclosed_quantity", "-1", "Disclosed quantity must be a non-negative integer."),
    ("action", "Buy", "Must be one of: BUY, SELL, buy, sell."),
    ("pricetype", "SLM", "Must be one of: MARKET, LIMIT, SL, SL-M."),
    ("product", "MTF", "Must be one of: MIS, NRML, CNC."),
    ("symbol", 7, "Not a valid string."),
    ("squareoff", "1", "Unknown field."),
]

BAD_KEY = {"status": "error", "message": "Invalid openalgo apikey"}


def test_a_key_that_is_wrong_is_refused_in_openalgos_words(house: House) -> None:
    async def talk(client: Client) -> None:
        for name, body in (("funds", {}), ("placeorder", an_order(client.symbols))):
            said = await client.post(name, body, apikey="wrong")
            assert (said.status_code, said.json()) == (403, BAD_KEY)

    house.host(talk)


def test_a_request_without_a_key_hears_all_that_is_wrong_with_it(house: House) -> None:
    async def talk(client: Client) -> None:
        said = await client.http.post("/api/v1/funds", json={})
        assert (said.status_code, said.json()["message"]) == (
            400,
            {"apikey": ["Missing data for required field."]},
        )
        said = await client.http.post("/api/v1/cancelorder", json={"strategy": 1})
        assert said.status_code == 400
        assert said.json() == {
            "status": "error",
            "message": "{'apikey': ['Missing data for required field.'], 'strategy': ['Not a valid string.'],"
            " 'orderid': ['Missing data for required field.']}",
            "mode": "analyze",
        }

    house.host(talk)


def test_the_order_family_says_its_faults_as_text_and_the_data_family_as_an_object(house: House) -> None:
    async def talk(client: Client) -> None:
        for field, value, fault in FAULTS:
            said = await client.post("placeorder", an_order(client.symbols, **{field: value}))
            assert (said.status_code, said.json()) == (
                400,
                {"status": "error", "message": str({field: [fault]})},
            )
        said = await client.post("quotes", symbol="SBIN", exchange="NYSE")
        assert said.status_code == 400
        assert said.json()["message"]["exchange"][0].startswith("Must be one of: NSE, NFO, CDS, BSE")
        assert not (await client.told("orderbook"))["data"]["orders"]

    house.host(talk)


def test_a_body_is_read_whatever_its_content_type_says(house: House) -> None:
    async def talk(client: Client) -> None:
        content = f'{{"apikey": "{client.key.secret}"}}'
        for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
            said = await client.http.post("/api/v1/ping", content=content, headers={"content-type": kind})
            assert said.json()["data"] == {"message": "pong", "broker": "kasauti"}
        said = await client.http.post("/api/v1/ping", content="{")
        assert said.status_code == 400
        assert said.json()["message"].startswith("The body is not valid JSON")

    house.host(talk)


def test_a_slash_behind_the_name_changes_nothing_and_other_names_lead_nowhere(house: House) -> None:
    async def talk(client: Client) -> None:
        assert (await client.told("funds/"))["status"] == "success"
        for name in ("nothing", "fundsx"):
            said = await client.post(name)
            assert (said.status_code, said.json()["status"]) == (404, "error")
        assert (await client.http.get("/api/v1/funds")).status_code == 405

    house.host(talk)
