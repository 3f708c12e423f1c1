-- issuer.find
sqlite: SELECT "issuer", "audience", "jwks" FROM "issuer" WHERE "issuer" = ? ORDER BY "issuer" ASC
postgres: SELECT "issuer", "audience", "jwks" FROM "issuer" WHERE "issuer" = $1 ORDER BY "issuer" ASC

-- issuer.list
sqlite: SELECT "issuer", "audience", "jwks" FROM "issuer" ORDER BY "issuer" ASC
postgres: SELECT "issuer", "audience", "jwks" FROM "issuer" ORDER BY "issuer" ASC

-- issuer.put
sqlite: INSERT INTO "issuer" ("issuer", "audience", "jwks") VALUES (?, ?, ?) ON CONFLICT ("issuer") DO UPDATE SET "audience" = "excluded"."audience", "jwks" = "excluded"."jwks"
postgres: INSERT INTO "issuer" ("issuer", "audience", "jwks") VALUES ($1, $2, $3) ON CONFLICT ("issuer") DO UPDATE SET "audience" = "excluded"."audience", "jwks" = "excluded"."jwks"

-- revoked_token.add
sqlite: INSERT INTO "revoked_token" ("jti", "app_id", "expires_at", "revoked_at") VALUES (?, ?, ?, ?) ON CONFLICT ("jti") DO NOTHING
postgres: INSERT INTO "revoked_token" ("jti", "app_id", "expires_at", "revoked_at") VALUES ($1, $2, $3, $4) ON CONFLICT ("jti") DO NOTHING

-- revoked_token.find
sqlite: SELECT "jti" FROM "revoked_token" WHERE "jti" = ?
postgres: SELECT "jti" FROM "revoked_token" WHERE "jti" = $1

-- revoked_token.list
sqlite: SELECT "jti", "app_id", "expires_at", "revoked_at" FROM "revoked_token" WHERE "expires_at" > ? ORDER BY "expires_at" ASC, "jti" ASC
postgres: SELECT "jti", "app_id", "expires_at", "revoked_at" FROM "revoked_token" WHERE "expires_at" > $1 ORDER BY "expires_at" ASC, "jti" ASC

-- revoked_token.sweep
sqlite: DELETE FROM "revoked_token" WHERE "jti" IN (SELECT "jti" FROM "revoked_token" WHERE "expires_at" < ? ORDER BY "expires_at" ASC LIMIT ?)
postgres: DELETE FROM "revoked_token" WHERE "jti" IN (SELECT "jti" FROM "revoked_token" WHERE "expires_at" < $1 ORDER BY "expires_at" ASC LIMIT $2)

-- token_cutoff.add
sqlite: INSERT INTO "token_cutoff" ("app_id", "cutoff") VALUES (?, ?) ON CONFLICT ("app_id") DO NOTHING
postgres: INSERT INTO "token_cutoff" ("app_id", "cutoff") VALUES ($1, $2) ON CONFLICT ("app_id") DO NOTHING

-- token_cutoff.find
sqlite: SELECT "app_id", "cutoff" FROM "token_cutoff" WHERE "app_id" = ? ORDER BY "app_id" ASC
postgres: SELECT "app_id", "cutoff" FROM "token_cutoff" WHERE "app_id" = $1 ORDER BY "app_id" ASC

-- token_cutoff.list
sqlite: SELECT "app_id", "cutoff" FROM "token_cutoff" WHERE "cutoff" >= ? ORDER BY "app_id" ASC
postgres: SELECT "app_id", "cutoff" FROM "token_cutoff" WHERE "cutoff" >= $1 ORDER BY "app_id" ASC

-- token_cutoff.move
sqlite: UPDATE "token_cutoff" SET "cutoff" = ? WHERE "app_id" = ? AND "cutoff" < ?
postgres: UPDATE "token_cutoff" SET "cutoff" = $1 WHERE "app_id" = $2 AND "cutoff" < $3

-- token_cutoff.sweep
sqlite: DELETE FROM "token_cutoff" WHERE "app_id" IN (SELECT "app_id" FROM "token_cutoff" WHERE "cutoff" < ? ORDER BY "cutoff" ASC LIMIT ?)
postgres: DELETE FROM "token_cutoff" WHERE "app_id" IN (SELECT "app_id" FROM "token_cutoff" WHERE "cutoff" < $1 ORDER BY "cutoff" ASC LIMIT $2)

-- used_assertion.add
sqlite: INSERT INTO "used_assertion" ("id", "expires_at") VALUES (?, ?) ON CONFLICT ("id") DO NOTHING
postgres: INSERT INTO "used_assertion" ("id", "expires_at") VALUES ($1, $2) ON CONFLICT ("id") DO NOTHING

-- used_assertion.sweep
sqlite: DELETE FROM "used_assertion" WHERE "id" IN (SELECT "id" FROM "used_assertion" WHERE "expires_at" < ? ORDER BY "expires_at" ASC LIMIT ?)
postgres: DELETE FROM "used_assertion" WHERE "id" IN (SELECT "id" FROM "used_assertion" WHERE "expires_at" < $1 ORDER BY "expires_at" ASC LIMIT $2)

