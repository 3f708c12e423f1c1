-- operator.add
sqlite: INSERT INTO "operator" ("id", "name", "kind", "roles", "created_at", "disabled_at", "generation") VALUES (?, ?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "operator" ("id", "name", "kind", "roles", "created_at", "disabled_at", "generation") VALUES ($1, $2, $3, $4, $5, $6, $7)

-- operator.by_name
sqlite: SELECT "id", "name", "kind", "roles", "created_at", "disabled_at", "generation" FROM "operator" WHERE "name" = ?
postgres: SELECT "id", "name", "kind", "roles", "created_at", "disabled_at", "generation" FROM "operator" WHERE "name" = $1

-- operator.lookup
sqlite: SELECT "id", "name", "kind", "roles", "created_at", "disabled_at", "generation" FROM "operator" WHERE "id" = ?
postgres: SELECT "id", "name", "kind", "roles", "created_at", "disabled_at", "generation" FROM "operator" WHERE "id" = $1

-- operator.page
sqlite: SELECT "id", "name", "kind", "roles", "created_at", "disabled_at", "generation" FROM "operator" ORDER BY "id" ASC LIMIT ?
sqlite: SELECT "id", "name", "kind", "roles", "created_at", "disabled_at", "generation" FROM "operator" WHERE "id" > ? ORDER BY "id" ASC LIMIT ?
postgres: SELECT "id", "name", "kind", "roles", "created_at", "disabled_at", "generation" FROM "operator" ORDER BY "id" ASC LIMIT $1
postgres: SELECT "id", "name", "kind", "roles", "created_at", "disabled_at", "generation" FROM "operator" WHERE "id" > $1 ORDER BY "id" ASC LIMIT $2

-- operator.update
sqlite: UPDATE "operator" SET "name" = ?, "roles" = ?, "disabled_at" = ?, "generation" = ? WHERE "id" = ? AND "generation" = ?
postgres: UPDATE "operator" SET "name" = $1, "roles" = $2, "disabled_at" = $3, "generation" = $4 WHERE "id" = $5 AND "generation" = $6

-- operator_token.add
sqlite: INSERT INTO "operator_token" ("id", "operator_id", "label", "created_at", "expires_at", "last_used_at", "revoked_at", "hash") VALUES (?, ?, ?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "operator_token" ("id", "operator_id", "label", "created_at", "expires_at", "last_used_at", "revoked_at", "hash") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- operator_token.find
sqlite: SELECT "id", "operator_id", "label", "created_at", "expires_at", "last_used_at", "revoked_at" FROM "operator_token" WHERE "hash" = ?
postgres: SELECT "id", "operator_id", "label", "created_at", "expires_at", "last_used_at", "revoked_at" FROM "operator_token" WHERE "hash" = $1

-- operator_token.list
sqlite: SELECT "id", "operator_id", "label", "created_at", "expires_at", "last_used_at", "revoked_at" FROM "operator_token" WHERE "operator_id" = ? ORDER BY "id" ASC LIMIT ?
postgres: SELECT "id", "operator_id", "label", "created_at", "expires_at", "last_used_at", "revoked_at" FROM "operator_token" WHERE "operator_id" = $1 ORDER BY "id" ASC LIMIT $2

-- operator_token.revoke
sqlite: UPDATE "operator_token" SET "revoked_at" = IFNULL("revoked_at", ?) WHERE "id" = ?
postgres: UPDATE "operator_token" SET "revoked_at" = COALESCE("revoked_at", $1) WHERE "id" = $2

-- operator_token.touch
sqlite: UPDATE "operator_token" SET "last_used_at" = ? WHERE "id" = ? AND ("last_used_at" IS NULL OR "last_used_at" <= ?)
postgres: UPDATE "operator_token" SET "last_used_at" = $1 WHERE "id" = $2 AND ("last_used_at" IS NULL OR "last_used_at" <= $3)

