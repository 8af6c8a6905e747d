"""Write openapi.json at the root of the repository: run it after changing an endpoint."""

import json
from pathlib import Path

from ordito.api.openapi import make_document
from ordito.api.table import ENDPOINTS

if __name__ == "__main__":
    target = Path(__file__).parents[1] / "openapi.json"
    document = json.dumps(make_document(ENDPOINTS), indent=2, ensure_ascii=False)
    target.write_text(document + "\n", "utf-8")
    print(f"wrote {target.name}: {len(ENDPOINTS)} operations")
