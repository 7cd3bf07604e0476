"""Rights over the wire, on a real home: consent, everything that is kept, the end of it, and the receipt."""

from __future__ import annotations

from pathlib import Path

from fastapi.testclient import TestClient
from tests.assemble.test_like import ITEMS

from vitascope.assemble import open_system
from vitascope.assemble._privacy import check_signature, public_key_of
from vitascope.base.privacy import PersonExport, Purpose, Receipt
from vitascope.serve import ServeConfig, create_app

WHO = "ana/me@example.org"
PATH = "/v1/people/ana%2Fme%40example.org"


def test_rights_over_the_wire(tmp_path: Path) -> None:
    system = open_system(tmp_path / "home", settings={"models": {"off": ["language_model"]}})
    system.put_items(ITEMS)
    with TestClient(create_app(system, ServeConfig()), base_url="http://127.0.0.1") as client:
        events = [{"user_id": WHO, "item_id": "space-0", "type": "comment", "text": "mine"}]
        assert client.post("/v1/events/batch", json={"events": events}).status_code == 200
        held = client.get(f"{PATH}/consents").json()["consents"]
        assert {c["purpose"]: c["given"] for c in held} == {p.value: p is not Purpose.OUTSIDE for p in Purpose}
        answer = client.put(f"{PATH}/consents", json={"purposes": ["recommend"], "given": False})
        assert answer.status_code == 200, answer.text
        assert not answer.json()["consents"][0]["given"]
        for body in ({"purposes": ["nothing"], "given": True}, {"purposes": [], "given": True}, {"given": True}):
            assert client.put(f"{PATH}/consents", json=body).status_code == 422
        told = client.get(f"{PATH}/export")
        assert [e.text for e in PersonExport.model_validate(told.json()).events] == ["mine"]
        assert client.request("DELETE", PATH, params={"confirm": "somebody"}).status_code in (400, 422)
        gone = client.request("DELETE", PATH, params={"confirm": WHO})
        assert gone.status_code == 200, gone.text
        receipt = Receipt.model_validate(gone.json())
        assert check_signature(receipt, public_key_of(system.rooms.home.key)).clean
        assert client.get(f"{PATH}/export").status_code == 404
        assert client.request("DELETE", PATH, params={"confirm": WHO}).status_code == 404
    system.close()
