-- app.add
sqlite: INSERT INTO "app" ("id", "partner_id", "slug", "name", "description", "state", "state_body", "managed_by", "created_at", "generation") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "app" ("id", "partner_id", "slug", "name", "description", "state", "state_body", "managed_by", "created_at", "generation") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- app.by_id
sqlite: SELECT "id", "partner_id", "slug", "name", "description", "state", "state_body", "managed_by", "created_at", "generation" FROM "app" WHERE "id" = ?
postgres: SELECT "id", "partner_id", "slug", "name", "description", "state", "state_body", "managed_by", "created_at", "generation" FROM "app" WHERE "id" = $1

-- app.list
sqlite: SELECT "id", "partner_id", "slug", "name", "description", "state", "state_body", "managed_by", "created_at", "generation" FROM "app" WHERE "partner_id" = ? AND "state" = ? ORDER BY "id" ASC LIMIT ?
postgres: SELECT "id", "partner_id", "slug", "name", "description", "state", "state_body", "managed_by", "created_at", "generation" FROM "app" WHERE "partner_id" = $1 AND "state" = $2 ORDER BY "id" ASC LIMIT $3

-- app.served
sqlite: SELECT "app"."id", "app"."partner_id", "partner"."rate" FROM "app" INNER JOIN "partner" ON "partner"."id" = "app"."partner_id" WHERE "app"."state" = ? AND "partner"."state" = ? AND "app"."id" = ? ORDER BY "app"."id" ASC LIMIT ?
sqlite: SELECT "app"."id", "app"."partner_id", "partner"."rate" FROM "app" INNER JOIN "partner" ON "partner"."id" = "app"."partner_id" WHERE "app"."state" = ? AND "partner"."state" = ? AND "app"."id" > ? ORDER BY "app"."id" ASC LIMIT ?
sqlite: SELECT "app"."id", "app"."partner_id", "partner"."rate" FROM "app" INNER JOIN "partner" ON "partner"."id" = "app"."partner_id" WHERE "app"."state" = ? AND "partner"."state" = ? ORDER BY "app"."id" ASC LIMIT ?
postgres: SELECT "app"."id", "app"."partner_id", "partner"."rate" FROM "app" INNER JOIN "partner" ON "partner"."id" = "app"."partner_id" WHERE "app"."state" = $1 AND "partner"."state" = $2 AND "app"."id" = $3 ORDER BY "app"."id" ASC LIMIT $4
postgres: SELECT "app"."id", "app"."partner_id", "partner"."rate" FROM "app" INNER JOIN "partner" ON "partner"."id" = "app"."partner_id" WHERE "app"."state" = $1 AND "partner"."state" = $2 AND "app"."id" > $3 ORDER BY "app"."id" ASC LIMIT $4
postgres: SELECT "app"."id", "app"."partner_id", "partner"."rate" FROM "app" INNER JOIN "partner" ON "partner"."id" = "app"."partner_id" WHERE "app"."state" = $1 AND "partner"."state" = $2 ORDER BY "app"."id" ASC LIMIT $3

-- app.update
sqlite: UPDATE "app" SET "name" = ?, "description" = ?, "state" = ?, "state_body" = ?, "managed_by" = ?, "generation" = ? WHERE "id" = ? AND "generation" = ?
postgres: UPDATE "app" SET "name" = $1, "description" = $2, "state" = $3, "state_body" = $4, "managed_by" = $5, "generation" = $6 WHERE "id" = $7 AND "generation" = $8

-- certificate.add
sqlite: INSERT INTO "certificate" ("id", "app_id", "profile", "script_version", "started_at", "passed_at", "valid_until", "steps") VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT ("id") DO NOTHING
postgres: INSERT INTO "certificate" ("id", "app_id", "profile", "script_version", "started_at", "passed_at", "valid_until", "steps") VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT ("id") DO NOTHING

-- certificate.by_id
sqlite: SELECT "id", "app_id", "profile", "script_version", "started_at", "passed_at", "valid_until", "steps" FROM "certificate" WHERE "id" = ?
postgres: SELECT "id", "app_id", "profile", "script_version", "started_at", "passed_at", "valid_until", "steps" FROM "certificate" WHERE "id" = $1

-- certificate.list
sqlite: SELECT "id", "app_id", "profile", "script_version", "started_at", "passed_at", "valid_until", "steps" FROM "certificate" WHERE "app_id" = ? ORDER BY "id" ASC LIMIT ?
postgres: SELECT "id", "app_id", "profile", "script_version", "started_at", "passed_at", "valid_until", "steps" FROM "certificate" WHERE "app_id" = $1 ORDER BY "id" ASC LIMIT $2

-- certificate.served
sqlite: SELECT "app_id", "profile", "script_version", MAX("valid_until") AS "valid_until" FROM "certificate" WHERE "app_id" >= ? AND "app_id" <= ? GROUP BY "app_id", "profile", "script_version"
postgres: SELECT "app_id", "profile", "script_version", MAX("valid_until") AS "valid_until" FROM "certificate" WHERE "app_id" >= $1 AND "app_id" <= $2 GROUP BY "app_id", "profile", "script_version"

-- certificate.valid
sqlite: SELECT "id", "app_id", "profile", "script_version", "started_at", "passed_at", "valid_until", "steps" FROM "certificate" WHERE "app_id" = ? AND "valid_until" > ? ORDER BY "id" DESC LIMIT ?
postgres: SELECT "id", "app_id", "profile", "script_version", "started_at", "passed_at", "valid_until", "steps" FROM "certificate" WHERE "app_id" = $1 AND "valid_until" > $2 ORDER BY "id" DESC LIMIT $3

-- credential.add
sqlite: INSERT INTO "credential" ("id", "app_id", "kid", "label", "material", "certificate_sha256", "thumbprint", "not_before", "expires_at", "last_used_at", "revoked", "created_at") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "credential" ("id", "app_id", "kid", "label", "material", "certificate_sha256", "thumbprint", "not_before", "expires_at", "last_used_at", "revoked", "created_at") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)

-- credential.by_id
sqlite: SELECT "id", "app_id", "kid", "label", "material", "certificate_sha256", "thumbprint", "not_before", "expires_at", "last_used_at", "revoked", "created_at" FROM "credential" WHERE "id" = ?
postgres: SELECT "id", "app_id", "kid", "label", "material", "certificate_sha256", "thumbprint", "not_before", "expires_at", "last_used_at", "revoked", "created_at" FROM "credential" WHERE "id" = $1

-- credential.list
sqlite: SELECT "id", "app_id", "kid", "label", "material", "certificate_sha256", "thumbprint", "not_before", "expires_at", "last_used_at", "revoked", "created_at" FROM "credential" WHERE "app_id" = ? ORDER BY "id" DESC LIMIT ?
postgres: SELECT "id", "app_id", "kid", "label", "material", "certificate_sha256", "thumbprint", "not_before", "expires_at", "last_used_at", "revoked", "created_at" FROM "credential" WHERE "app_id" = $1 ORDER BY "id" DESC LIMIT $2

-- credential.revoke
sqlite: UPDATE "credential" SET "revoked" = ? WHERE "id" = ? AND "revoked" IS NULL
postgres: UPDATE "credential" SET "revoked" = $1 WHERE "id" = $2 AND "revoked" IS NULL

-- credential.served
sqlite: SELECT "app_id", "certificate_sha256", "not_before", "expires_at" FROM "credential" WHERE "app_id" >= ? AND "app_id" <= ? AND "certificate_sha256" IS NOT NULL AND "revoked" IS NULL ORDER BY "id" ASC
postgres: SELECT "app_id", "certificate_sha256", "not_before", "expires_at" FROM "credential" WHERE "app_id" >= $1 AND "app_id" <= $2 AND "certificate_sha256" IS NOT NULL AND "revoked" IS NULL ORDER BY "id" ASC

-- credential.used
sqlite: UPDATE "credential" SET "last_used_at" = ? WHERE "id" = ? AND ("last_used_at" IS NULL OR "last_used_at" < ?)
postgres: UPDATE "credential" SET "last_used_at" = $1 WHERE "id" = $2 AND ("last_used_at" IS NULL OR "last_used_at" < $3)

-- partner.add
sqlite: INSERT INTO "partner" ("id", "slug", "name", "registration", "contact", "scenario", "evidence", "rate", "state", "state_body", "managed_by", "created_at", "generation") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "partner" ("id", "slug", "name", "registration", "contact", "scenario", "evidence", "rate", "state", "state_body", "managed_by", "created_at", "generation") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)

-- partner.by_id
sqlite: SELECT "id", "slug", "name", "registration", "contact", "scenario", "evidence", "rate", "state", "state_body", "managed_by", "created_at", "generation" FROM "partner" WHERE "id" = ?
postgres: SELECT "id", "slug", "name", "registration", "contact", "scenario", "evidence", "rate", "state", "state_body", "managed_by", "created_at", "generation" FROM "partner" WHERE "id" = $1

-- partner.list
sqlite: SELECT "id", "slug", "name", "registration", "contact", "scenario", "evidence", "rate", "state", "state_body", "managed_by", "created_at", "generation" FROM "partner" ORDER BY "id" ASC LIMIT ?
sqlite: SELECT "id", "slug", "name", "registration", "contact", "scenario", "evidence", "rate", "state", "state_body", "managed_by", "created_at", "generation" FROM "partner" WHERE "id" > ? ORDER BY "id" ASC LIMIT ?
sqlite: SELECT "id", "slug", "name", "registration", "contact", "scenario", "evidence", "rate", "state", "state_body", "managed_by", "created_at", "generation" FROM "partner" WHERE "managed_by" = ? ORDER BY "id" ASC LIMIT ?
sqlite: SELECT "id", "slug", "name", "registration", "contact", "scenario", "evidence", "rate", "state", "state_body", "managed_by", "created_at", "generation" FROM "partner" WHERE "slug" = ? ORDER BY "id" ASC LIMIT ?
sqlite: SELECT "id", "slug", "name", "registration", "contact", "scenario", "evidence", "rate", "state", "state_body", "managed_by", "created_at", "generation" FROM "partner" WHERE "state" = ? ORDER BY "id" ASC LIMIT ?
postgres: SELECT "id", "slug", "name", "registration", "contact", "scenario", "evidence", "rate", "state", "state_body", "managed_by", "created_at", "generation" FROM "partner" ORDER BY "id" ASC LIMIT $1
postgres: SELECT "id", "slug", "name", "registration", "contact", "scenario", "evidence", "rate", "state", "state_body", "managed_by", "created_at", "generation" FROM "partner" WHERE "id" > $1 ORDER BY "id" ASC LIMIT $2
postgres: SELECT "id", "slug", "name", "registration", "contact", "scenario", "evidence", "rate", "state", "state_body", "managed_by", "created_at", "generation" FROM "partner" WHERE "managed_by" = $1 ORDER BY "id" ASC LIMIT $2
postgres: SELECT "id", "slug", "name", "registration", "contact", "scenario", "evidence", "rate", "state", "state_body", "managed_by", "created_at", "generation" FROM "partner" WHERE "slug" = $1 ORDER BY "id" ASC LIMIT $2
postgres: SELECT "id", "slug", "name", "registration", "contact", "scenario", "evidence", "rate", "state", "state_body", "managed_by", "created_at", "generation" FROM "partner" WHERE "state" = $1 ORDER BY "id" ASC LIMIT $2

-- partner.update
sqlite: UPDATE "partner" SET "name" = ?, "registration" = ?, "contact" = ?, "scenario" = ?, "evidence" = ?, "rate" = ?, "state" = ?, "state_body" = ?, "managed_by" = ?, "generation" = ? WHERE "id" = ? AND "generation" = ?
postgres: UPDATE "partner" SET "name" = $1, "registration" = $2, "contact" = $3, "scenario" = $4, "evidence" = $5, "rate" = $6, "state" = $7, "state_body" = $8, "managed_by" = $9, "generation" = $10 WHERE "id" = $11 AND "generation" = $12

-- plan.add
sqlite: INSERT INTO "plan" ("id", "slug", "name", "limits", "retired", "managed_by", "created_at", "generation") VALUES (?, ?, ?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "plan" ("id", "slug", "name", "limits", "retired", "managed_by", "created_at", "generation") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- plan.by_id
sqlite: SELECT "id", "slug", "name", "limits", "retired", "managed_by", "created_at", "generation" FROM "plan" WHERE "id" = ?
postgres: SELECT "id", "slug", "name", "limits", "retired", "managed_by", "created_at", "generation" FROM "plan" WHERE "id" = $1

-- plan.list
sqlite: SELECT "id", "slug", "name", "limits", "retired", "managed_by", "created_at", "generation" FROM "plan" WHERE "slug" = ? ORDER BY "id" ASC LIMIT ?
postgres: SELECT "id", "slug", "name", "limits", "retired", "managed_by", "created_at", "generation" FROM "plan" WHERE "slug" = $1 ORDER BY "id" ASC LIMIT $2

-- plan.served
sqlite: SELECT "id", "slug", "name", "limits", "retired", "managed_by", "created_at", "generation" FROM "plan" WHERE "id" IN (?)
postgres: SELECT "id", "slug", "name", "limits", "retired", "managed_by", "created_at", "generation" FROM "plan" WHERE "id" IN ($1)

-- plan.update
sqlite: UPDATE "plan" SET "name" = ?, "limits" = ?, "retired" = ?, "managed_by" = ?, "generation" = ? WHERE "id" = ? AND "generation" = ?
postgres: UPDATE "plan" SET "name" = $1, "limits" = $2, "retired" = $3, "managed_by" = $4, "generation" = $5 WHERE "id" = $6 AND "generation" = $7

-- remembered_answer.add
sqlite: INSERT INTO "remembered_answer" ("key", "operator_id", "fingerprint", "status", "etag", "location", "body", "at") VALUES (?, ?, ?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "remembered_answer" ("key", "operator_id", "fingerprint", "status", "etag", "location", "body", "at") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- remembered_answer.find
sqlite: SELECT "key", "operator_id", "fingerprint", "status", "etag", "location", "body", "at" FROM "remembered_answer" WHERE "operator_id" = ? AND "key" = ?
postgres: SELECT "key", "operator_id", "fingerprint", "status", "etag", "location", "body", "at" FROM "remembered_answer" WHERE "operator_id" = $1 AND "key" = $2

-- remembered_answer.sweep
sqlite: DELETE FROM "remembered_answer" WHERE "at" IN (SELECT "at" FROM "remembered_answer" WHERE "at" < ? ORDER BY "at" ASC LIMIT ?)
postgres: DELETE FROM "remembered_answer" WHERE "at" IN (SELECT "at" FROM "remembered_answer" WHERE "at" < $1 ORDER BY "at" ASC LIMIT $2)

-- subscription.add
sqlite: INSERT INTO "subscription" ("id", "app_id", "api_id", "plan_id", "environment", "state", "state_body", "managed_by", "created_at", "generation") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "subscription" ("id", "app_id", "api_id", "plan_id", "environment", "state", "state_body", "managed_by", "created_at", "generation") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- subscription.by_id
sqlite: SELECT "id", "app_id", "api_id", "plan_id", "environment", "state", "state_body", "managed_by", "created_at", "generation" FROM "subscription" WHERE "id" = ?
postgres: SELECT "id", "app_id", "api_id", "plan_id", "environment", "state", "state_body", "managed_by", "created_at", "generation" FROM "subscription" WHERE "id" = $1

-- subscription.list
sqlite: SELECT "id", "app_id", "api_id", "plan_id", "environment", "state", "state_body", "managed_by", "created_at", "generation" FROM "subscription" WHERE "api_id" = ? ORDER BY "id" ASC LIMIT ?
sqlite: SELECT "id", "app_id", "api_id", "plan_id", "environment", "state", "state_body", "managed_by", "created_at", "generation" FROM "subscription" WHERE "app_id" = ? ORDER BY "id" ASC LIMIT ?
sqlite: SELECT "id", "app_id", "api_id", "plan_id", "environment", "state", "state_body", "managed_by", "created_at", "generation" FROM "subscription" WHERE "environment" = ? ORDER BY "id" ASC LIMIT ?
sqlite: SELECT "id", "app_id", "api_id", "plan_id", "environment", "state", "state_body", "managed_by", "created_at", "generation" FROM "subscription" WHERE "plan_id" = ? AND "state" = ? ORDER BY "id" ASC LIMIT ?
postgres: SELECT "id", "app_id", "api_id", "plan_id", "environment", "state", "state_body", "managed_by", "created_at", "generation" FROM "subscription" WHERE "api_id" = $1 ORDER BY "id" ASC LIMIT $2
postgres: SELECT "id", "app_id", "api_id", "plan_id", "environment", "state", "state_body", "managed_by", "created_at", "generation" FROM "subscription" WHERE "app_id" = $1 ORDER BY "id" ASC LIMIT $2
postgres: SELECT "id", "app_id", "api_id", "plan_id", "environment", "state", "state_body", "managed_by", "created_at", "generation" FROM "subscription" WHERE "environment" = $1 ORDER BY "id" ASC LIMIT $2
postgres: SELECT "id", "app_id", "api_id", "plan_id", "environment", "state", "state_body", "managed_by", "created_at", "generation" FROM "subscription" WHERE "plan_id" = $1 AND "state" = $2 ORDER BY "id" ASC LIMIT $3

-- subscription.served
sqlite: SELECT "id", "app_id", "api_id", "plan_id", "environment", "state", "state_body", "managed_by", "created_at", "generation" FROM "subscription" WHERE "app_id" >= ? AND "app_id" <= ? AND "state" = ? ORDER BY "id" ASC
postgres: SELECT "id", "app_id", "api_id", "plan_id", "environment", "state", "state_body", "managed_by", "created_at", "generation" FROM "subscription" WHERE "app_id" >= $1 AND "app_id" <= $2 AND "state" = $3 ORDER BY "id" ASC

-- subscription.update
sqlite: UPDATE "subscription" SET "plan_id" = ?, "state" = ?, "state_body" = ?, "managed_by" = ?, "generation" = ? WHERE "id" = ? AND "generation" = ?
postgres: UPDATE "subscription" SET "plan_id" = $1, "state" = $2, "state_body" = $3, "managed_by" = $4, "generation" = $5 WHERE "id" = $6 AND "generation" = $7

