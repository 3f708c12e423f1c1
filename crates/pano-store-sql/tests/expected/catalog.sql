-- catalog_api.add
sqlite: INSERT INTO "catalog_api" ("id", "slug", "name", "summary", "owner", "provider_id", "directory", "managed_by", "created_at", "generation") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "catalog_api" ("id", "slug", "name", "summary", "owner", "provider_id", "directory", "managed_by", "created_at", "generation") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- catalog_api.by_ids
sqlite: SELECT "id", "slug", "name", "summary", "owner", "provider_id", "directory", "managed_by", "created_at", "generation" FROM "catalog_api" WHERE "id" IN (?) ORDER BY "id" ASC
postgres: SELECT "id", "slug", "name", "summary", "owner", "provider_id", "directory", "managed_by", "created_at", "generation" FROM "catalog_api" WHERE "id" IN ($1) ORDER BY "id" ASC

-- catalog_api.find
sqlite: SELECT "id", "slug", "name", "summary", "owner", "provider_id", "directory", "managed_by", "created_at", "generation" FROM "catalog_api" WHERE "id" = ?
sqlite: SELECT "id", "slug", "name", "summary", "owner", "provider_id", "directory", "managed_by", "created_at", "generation" FROM "catalog_api" WHERE "slug" = ?
postgres: SELECT "id", "slug", "name", "summary", "owner", "provider_id", "directory", "managed_by", "created_at", "generation" FROM "catalog_api" WHERE "id" = $1
postgres: SELECT "id", "slug", "name", "summary", "owner", "provider_id", "directory", "managed_by", "created_at", "generation" FROM "catalog_api" WHERE "slug" = $1

-- catalog_api.list
sqlite: SELECT "id", "slug", "name", "summary", "owner", "provider_id", "directory", "managed_by", "created_at", "generation" FROM "catalog_api" ORDER BY "id" ASC LIMIT ?
sqlite: SELECT "id", "slug", "name", "summary", "owner", "provider_id", "directory", "managed_by", "created_at", "generation" FROM "catalog_api" WHERE "directory" = ? OR "directory" LIKE ? ESCAPE '\' ORDER BY "id" ASC LIMIT ?
sqlite: SELECT "id", "slug", "name", "summary", "owner", "provider_id", "directory", "managed_by", "created_at", "generation" FROM "catalog_api" WHERE "id" IN (SELECT "api_id" FROM "catalog_version" WHERE "stage" = ?) ORDER BY "id" ASC LIMIT ?
sqlite: SELECT "id", "slug", "name", "summary", "owner", "provider_id", "directory", "managed_by", "created_at", "generation" FROM "catalog_api" WHERE "provider_id" = ? ORDER BY "id" ASC LIMIT ?
postgres: SELECT "id", "slug", "name", "summary", "owner", "provider_id", "directory", "managed_by", "created_at", "generation" FROM "catalog_api" ORDER BY "id" ASC LIMIT $1
postgres: SELECT "id", "slug", "name", "summary", "owner", "provider_id", "directory", "managed_by", "created_at", "generation" FROM "catalog_api" WHERE "directory" = $1 OR "directory" LIKE $2 ESCAPE E'\\' ORDER BY "id" ASC LIMIT $3
postgres: SELECT "id", "slug", "name", "summary", "owner", "provider_id", "directory", "managed_by", "created_at", "generation" FROM "catalog_api" WHERE "id" IN (SELECT "api_id" FROM "catalog_version" WHERE "stage" = $1) ORDER BY "id" ASC LIMIT $2
postgres: SELECT "id", "slug", "name", "summary", "owner", "provider_id", "directory", "managed_by", "created_at", "generation" FROM "catalog_api" WHERE "provider_id" = $1 ORDER BY "id" ASC LIMIT $2

-- catalog_api.lock
sqlite: UPDATE "catalog_api" SET "owner" = "owner" WHERE "id" = ?
postgres: UPDATE "catalog_api" SET "owner" = "owner" WHERE "id" = $1

-- catalog_api.update
sqlite: UPDATE "catalog_api" SET "name" = ?, "summary" = ?, "owner" = ?, "provider_id" = ?, "directory" = ?, "managed_by" = ?, "generation" = ? WHERE "id" = ? AND "generation" = ?
postgres: UPDATE "catalog_api" SET "name" = $1, "summary" = $2, "owner" = $3, "provider_id" = $4, "directory" = $5, "managed_by" = $6, "generation" = $7 WHERE "id" = $8 AND "generation" = $9

-- catalog_code.claim
sqlite: INSERT INTO "catalog_code" ("code", "api_id") VALUES (?, ?) ON CONFLICT ("code") DO NOTHING
postgres: INSERT INTO "catalog_code" ("code", "api_id") VALUES ($1, $2) ON CONFLICT ("code") DO NOTHING

-- catalog_code.holder
sqlite: SELECT "code", "api_id" FROM "catalog_code" WHERE "code" = ?
postgres: SELECT "code", "api_id" FROM "catalog_code" WHERE "code" = $1

-- catalog_contract.keep
sqlite: INSERT INTO "catalog_contract" ("document", "made", "digest", "faults", "content") VALUES (?, ?, ?, ?, ?) ON CONFLICT ("document") DO UPDATE SET "made" = "excluded"."made", "digest" = "excluded"."digest", "faults" = "excluded"."faults", "content" = "excluded"."content"
postgres: INSERT INTO "catalog_contract" ("document", "made", "digest", "faults", "content") VALUES ($1, $2, $3, $4, $5) ON CONFLICT ("document") DO UPDATE SET "made" = "excluded"."made", "digest" = "excluded"."digest", "faults" = "excluded"."faults", "content" = "excluded"."content"

-- catalog_contract.known
sqlite: SELECT "document", "digest", "faults" FROM "catalog_contract" WHERE "made" = ? AND "document" IN (?, ?) ORDER BY "document" ASC
postgres: SELECT "document", "digest", "faults" FROM "catalog_contract" WHERE "made" = $1 AND "document" IN ($2, $3) ORDER BY "document" ASC

-- catalog_contract.text
sqlite: SELECT "document", "content" FROM "catalog_contract" WHERE "digest" = ? ORDER BY "document" ASC LIMIT ?
postgres: SELECT "document", "content" FROM "catalog_contract" WHERE "digest" = $1 ORDER BY "document" ASC LIMIT $2

-- catalog_directory.add
sqlite: INSERT INTO "catalog_directory" ("path", "id", "name", "position", "created_at", "generation") VALUES (?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "catalog_directory" ("path", "id", "name", "position", "created_at", "generation") VALUES ($1, $2, $3, $4, $5, $6)

-- catalog_directory.all
sqlite: SELECT "path", "id", "name", "position", "created_at", "generation" FROM "catalog_directory" ORDER BY "path" ASC LIMIT ?
postgres: SELECT "path", "id", "name", "position", "created_at", "generation" FROM "catalog_directory" ORDER BY "path" ASC LIMIT $1

-- catalog_directory.find
sqlite: SELECT "path", "id", "name", "position", "created_at", "generation" FROM "catalog_directory" WHERE "path" = ?
postgres: SELECT "path", "id", "name", "position", "created_at", "generation" FROM "catalog_directory" WHERE "path" = $1

-- catalog_directory.remove
sqlite: DELETE FROM "catalog_directory" WHERE "path" = ?
postgres: DELETE FROM "catalog_directory" WHERE "path" = $1

-- catalog_directory.update
sqlite: UPDATE "catalog_directory" SET "name" = ?, "position" = ?, "generation" = ? WHERE "path" = ? AND "generation" = ?
postgres: UPDATE "catalog_directory" SET "name" = $1, "position" = $2, "generation" = $3 WHERE "path" = $4 AND "generation" = $5

-- catalog_document.add
sqlite: INSERT INTO "catalog_document" ("sha256", "content") VALUES (?, ?) ON CONFLICT ("sha256") DO NOTHING
postgres: INSERT INTO "catalog_document" ("sha256", "content") VALUES ($1, $2) ON CONFLICT ("sha256") DO NOTHING

-- catalog_document.find
sqlite: SELECT "sha256", "content" FROM "catalog_document" WHERE "sha256" = ?
postgres: SELECT "sha256", "content" FROM "catalog_document" WHERE "sha256" = $1

-- catalog_import.add
sqlite: INSERT INTO "catalog_import" ("id", "at", "operator_id", "source", "outcome", "version_id", "report") VALUES (?, ?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "catalog_import" ("id", "at", "operator_id", "source", "outcome", "version_id", "report") VALUES ($1, $2, $3, $4, $5, $6, $7)

-- catalog_import.find
sqlite: SELECT "id", "at", "operator_id", "source", "outcome", "version_id", "report" FROM "catalog_import" WHERE "id" = ?
postgres: SELECT "id", "at", "operator_id", "source", "outcome", "version_id", "report" FROM "catalog_import" WHERE "id" = $1

-- catalog_import.list
sqlite: SELECT "id", "at", "operator_id", "source", "outcome", "version_id", "report" FROM "catalog_import" ORDER BY "id" DESC LIMIT ?
sqlite: SELECT "id", "at", "operator_id", "source", "outcome", "version_id", "report" FROM "catalog_import" WHERE "id" < ? ORDER BY "id" DESC LIMIT ?
postgres: SELECT "id", "at", "operator_id", "source", "outcome", "version_id", "report" FROM "catalog_import" ORDER BY "id" DESC LIMIT $1
postgres: SELECT "id", "at", "operator_id", "source", "outcome", "version_id", "report" FROM "catalog_import" WHERE "id" < $1 ORDER BY "id" DESC LIMIT $2

-- catalog_operation.add
sqlite: INSERT INTO "catalog_operation" ("version_id", "ordinal", "name", "method", "path", "summary", "service_domain", "control_record", "behaviour_qualifier", "action", "category", "data_class", "proposed_category", "proposed_class", "scopes") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
sqlite: INSERT INTO "catalog_operation" ("version_id", "ordinal", "name", "method", "path", "summary", "service_domain", "control_record", "behaviour_qualifier", "action", "category", "data_class", "proposed_category", "proposed_class", "scopes") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), …
postgres: INSERT INTO "catalog_operation" ("version_id", "ordinal", "name", "method", "path", "summary", "service_domain", "control_record", "behaviour_qualifier", "action", "category", "data_class", "proposed_category", "proposed_class", "scopes") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
postgres: INSERT INTO "catalog_operation" ("version_id", "ordinal", "name", "method", "path", "summary", "service_domain", "control_record", "behaviour_qualifier", "action", "category", "data_class", "proposed_category", "proposed_class", "scopes") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15), …

-- catalog_operation.grade
sqlite: UPDATE "catalog_operation" SET "category" = ?, "data_class" = ? WHERE "version_id" = ? AND "ordinal" = ?
postgres: UPDATE "catalog_operation" SET "category" = $1, "data_class" = $2 WHERE "version_id" = $3 AND "ordinal" = $4

-- catalog_operation.list
sqlite: SELECT "catalog_operation"."version_id", "catalog_operation"."ordinal", "catalog_operation"."name", "catalog_operation"."method", "catalog_operation"."path", "catalog_operation"."summary", "catalog_operation"."service_domain", "catalog_operation"."control_record", "catalog_operation"."behaviour_qualifier", "catalog_operation"."action", "catalog_operation"."category", "catalog_operation"."data_class", "catalog_operation"."proposed_category", "catalog_operation"."proposed_class", "catalog_operation"."scopes", "catalog_version"."api_id" AS "api_id" FROM "catalog_operation" INNER JOIN "catalog_version" ON "catalog_version"."id" = "catalog_operation"."version_id" ORDER BY "catalog_operation"."version_id" ASC, "catalog_operation"."ordinal" ASC LIMIT ?
sqlite: SELECT "catalog_operation"."version_id", "catalog_operation"."ordinal", "catalog_operation"."name", "catalog_operation"."method", "catalog_operation"."path", "catalog_operation"."summary", "catalog_operation"."service_domain", "catalog_operation"."control_record", "catalog_operation"."behaviour_qualifier", "catalog_operation"."action", "catalog_operation"."category", "catalog_operation"."data_class", "catalog_operation"."proposed_category", "catalog_operation"."proposed_class", "catalog_operation"."scopes", "catalog_version"."api_id" AS "api_id" FROM "catalog_operation" INNER JOIN "catalog_version" ON "catalog_version"."id" = "catalog_operation"."version_id" WHERE "catalog_operation"."action" = ? ORDER BY "catalog_operation"."version_id" ASC, "catalog_operation"."ordinal" ASC LIMIT ?
sqlite: SELECT "catalog_operation"."version_id", "catalog_operation"."ordinal", "catalog_operation"."name", "catalog_operation"."method", "catalog_operation"."path", "catalog_operation"."summary", "catalog_operation"."service_domain", "catalog_operation"."control_record", "catalog_operation"."behaviour_qualifier", "catalog_operation"."action", "catalog_operation"."category", "catalog_operation"."data_class", "catalog_operation"."proposed_category", "catalog_operation"."proposed_class", "catalog_operation"."scopes", "catalog_version"."api_id" AS "api_id" FROM "catalog_operation" INNER JOIN "catalog_version" ON "catalog_version"."id" = "catalog_operation"."version_id" WHERE "catalog_operation"."behaviour_qualifier" = ? ORDER BY "catalog_operation"."version_id" ASC, "catalog_operation"."ordinal" ASC LIMIT ?
sqlite: SELECT "catalog_operation"."version_id", "catalog_operation"."ordinal", "catalog_operation"."name", "catalog_operation"."method", "catalog_operation"."path", "catalog_operation"."summary", "catalog_operation"."service_domain", "catalog_operation"."control_record", "catalog_operation"."behaviour_qualifier", "catalog_operation"."action", "catalog_operation"."category", "catalog_operation"."data_class", "catalog_operation"."proposed_category", "catalog_operation"."proposed_class", "catalog_operation"."scopes", "catalog_version"."api_id" AS "api_id" FROM "catalog_operation" INNER JOIN "catalog_version" ON "catalog_version"."id" = "catalog_operation"."version_id" WHERE "catalog_operation"."category" = ? ORDER BY "catalog_operation"."version_id" ASC, "catalog_operation"."ordinal" ASC LIMIT ?
sqlite: SELECT "catalog_operation"."version_id", "catalog_operation"."ordinal", "catalog_operation"."name", "catalog_operation"."method", "catalog_operation"."path", "catalog_operation"."summary", "catalog_operation"."service_domain", "catalog_operation"."control_record", "catalog_operation"."behaviour_qualifier", "catalog_operation"."action", "catalog_operation"."category", "catalog_operation"."data_class", "catalog_operation"."proposed_category", "catalog_operation"."proposed_class", "catalog_operation"."scopes", "catalog_version"."api_id" AS "api_id" FROM "catalog_operation" INNER JOIN "catalog_version" ON "catalog_version"."id" = "catalog_operation"."version_id" WHERE "catalog_operation"."data_class" = ? ORDER BY "catalog_operation"."version_id" ASC, "catalog_operation"."ordinal" ASC LIMIT ?
sqlite: SELECT "catalog_operation"."version_id", "catalog_operation"."ordinal", "catalog_operation"."name", "catalog_operation"."method", "catalog_operation"."path", "catalog_operation"."summary", "catalog_operation"."service_domain", "catalog_operation"."control_record", "catalog_operation"."behaviour_qualifier", "catalog_operation"."action", "catalog_operation"."category", "catalog_operation"."data_class", "catalog_operation"."proposed_category", "catalog_operation"."proposed_class", "catalog_operation"."scopes", "catalog_version"."api_id" AS "api_id" FROM "catalog_operation" INNER JOIN "catalog_version" ON "catalog_version"."id" = "catalog_operation"."version_id" WHERE "catalog_operation"."method" = ? AND "catalog_operation"."service_domain" = ? ORDER BY "catalog_operation"."version_id" ASC, "catalog_operation"."ordinal" ASC LIMIT ?
sqlite: SELECT "catalog_operation"."version_id", "catalog_operation"."ordinal", "catalog_operation"."name", "catalog_operation"."method", "catalog_operation"."path", "catalog_operation"."summary", "catalog_operation"."service_domain", "catalog_operation"."control_record", "catalog_operation"."behaviour_qualifier", "catalog_operation"."action", "catalog_operation"."category", "catalog_operation"."data_class", "catalog_operation"."proposed_category", "catalog_operation"."proposed_class", "catalog_operation"."scopes", "catalog_version"."api_id" AS "api_id" FROM "catalog_operation" INNER JOIN "catalog_version" ON "catalog_version"."id" = "catalog_operation"."version_id" WHERE "catalog_operation"."method" = ? ORDER BY "catalog_operation"."version_id" ASC, "catalog_operation"."ordinal" ASC LIMIT ?
sqlite: SELECT "catalog_operation"."version_id", "catalog_operation"."ordinal", "catalog_operation"."name", "catalog_operation"."method", "catalog_operation"."path", "catalog_operation"."summary", "catalog_operation"."service_domain", "catalog_operation"."control_record", "catalog_operation"."behaviour_qualifier", "catalog_operation"."action", "catalog_operation"."category", "catalog_operation"."data_class", "catalog_operation"."proposed_category", "catalog_operation"."proposed_class", "catalog_operation"."scopes", "catalog_version"."api_id" AS "api_id" FROM "catalog_operation" INNER JOIN "catalog_version" ON "catalog_version"."id" = "catalog_operation"."version_id" WHERE "catalog_operation"."version_id" > ? OR ("catalog_operation"."version_id" = ? AND "catalog_operation"."ordinal" > ?) ORDER BY "catalog_operation"."version_id" ASC, "catalog_operation"."ordinal" ASC LIMIT ?
sqlite: SELECT "catalog_operation"."version_id", "catalog_operation"."ordinal", "catalog_operation"."name", "catalog_operation"."method", "catalog_operation"."path", "catalog_operation"."summary", "catalog_operation"."service_domain", "catalog_operation"."control_record", "catalog_operation"."behaviour_qualifier", "catalog_operation"."action", "catalog_operation"."category", "catalog_operation"."data_class", "catalog_operation"."proposed_category", "catalog_operation"."proposed_class", "catalog_operation"."scopes", "catalog_version"."api_id" AS "api_id" FROM "catalog_operation" INNER JOIN "catalog_version" ON "catalog_version"."id" = "catalog_operation"."version_id" WHERE "catalog_version"."api_id" = ? AND "catalog_version"."stage" = ? AND "catalog_operation"."version_id" = ? ORDER BY "catalog_operation"."version_id" ASC, "catalog_operation"."ordinal" ASC LIMIT ?
sqlite: SELECT "catalog_operation"."version_id", "catalog_operation"."ordinal", "catalog_operation"."name", "catalog_operation"."method", "catalog_operation"."path", "catalog_operation"."summary", "catalog_operation"."service_domain", "catalog_operation"."control_record", "catalog_operation"."behaviour_qualifier", "catalog_operation"."action", "catalog_operation"."category", "catalog_operation"."data_class", "catalog_operation"."proposed_category", "catalog_operation"."proposed_class", "catalog_operation"."scopes", "catalog_version"."api_id" AS "api_id" FROM "catalog_operation" INNER JOIN "catalog_version" ON "catalog_version"."id" = "catalog_operation"."version_id" WHERE "catalog_version"."stage" = ? ORDER BY "catalog_operation"."version_id" ASC, "catalog_operation"."ordinal" ASC LIMIT ?
postgres: SELECT "catalog_operation"."version_id", "catalog_operation"."ordinal", "catalog_operation"."name", "catalog_operation"."method", "catalog_operation"."path", "catalog_operation"."summary", "catalog_operation"."service_domain", "catalog_operation"."control_record", "catalog_operation"."behaviour_qualifier", "catalog_operation"."action", "catalog_operation"."category", "catalog_operation"."data_class", "catalog_operation"."proposed_category", "catalog_operation"."proposed_class", "catalog_operation"."scopes", "catalog_version"."api_id" AS "api_id" FROM "catalog_operation" INNER JOIN "catalog_version" ON "catalog_version"."id" = "catalog_operation"."version_id" ORDER BY "catalog_operation"."version_id" ASC, "catalog_operation"."ordinal" ASC LIMIT $1
postgres: SELECT "catalog_operation"."version_id", "catalog_operation"."ordinal", "catalog_operation"."name", "catalog_operation"."method", "catalog_operation"."path", "catalog_operation"."summary", "catalog_operation"."service_domain", "catalog_operation"."control_record", "catalog_operation"."behaviour_qualifier", "catalog_operation"."action", "catalog_operation"."category", "catalog_operation"."data_class", "catalog_operation"."proposed_category", "catalog_operation"."proposed_class", "catalog_operation"."scopes", "catalog_version"."api_id" AS "api_id" FROM "catalog_operation" INNER JOIN "catalog_version" ON "catalog_version"."id" = "catalog_operation"."version_id" WHERE "catalog_operation"."action" = $1 ORDER BY "catalog_operation"."version_id" ASC, "catalog_operation"."ordinal" ASC LIMIT $2
postgres: SELECT "catalog_operation"."version_id", "catalog_operation"."ordinal", "catalog_operation"."name", "catalog_operation"."method", "catalog_operation"."path", "catalog_operation"."summary", "catalog_operation"."service_domain", "catalog_operation"."control_record", "catalog_operation"."behaviour_qualifier", "catalog_operation"."action", "catalog_operation"."category", "catalog_operation"."data_class", "catalog_operation"."proposed_category", "catalog_operation"."proposed_class", "catalog_operation"."scopes", "catalog_version"."api_id" AS "api_id" FROM "catalog_operation" INNER JOIN "catalog_version" ON "catalog_version"."id" = "catalog_operation"."version_id" WHERE "catalog_operation"."behaviour_qualifier" = $1 ORDER BY "catalog_operation"."version_id" ASC, "catalog_operation"."ordinal" ASC LIMIT $2
postgres: SELECT "catalog_operation"."version_id", "catalog_operation"."ordinal", "catalog_operation"."name", "catalog_operation"."method", "catalog_operation"."path", "catalog_operation"."summary", "catalog_operation"."service_domain", "catalog_operation"."control_record", "catalog_operation"."behaviour_qualifier", "catalog_operation"."action", "catalog_operation"."category", "catalog_operation"."data_class", "catalog_operation"."proposed_category", "catalog_operation"."proposed_class", "catalog_operation"."scopes", "catalog_version"."api_id" AS "api_id" FROM "catalog_operation" INNER JOIN "catalog_version" ON "catalog_version"."id" = "catalog_operation"."version_id" WHERE "catalog_operation"."category" = $1 ORDER BY "catalog_operation"."version_id" ASC, "catalog_operation"."ordinal" ASC LIMIT $2
postgres: SELECT "catalog_operation"."version_id", "catalog_operation"."ordinal", "catalog_operation"."name", "catalog_operation"."method", "catalog_operation"."path", "catalog_operation"."summary", "catalog_operation"."service_domain", "catalog_operation"."control_record", "catalog_operation"."behaviour_qualifier", "catalog_operation"."action", "catalog_operation"."category", "catalog_operation"."data_class", "catalog_operation"."proposed_category", "catalog_operation"."proposed_class", "catalog_operation"."scopes", "catalog_version"."api_id" AS "api_id" FROM "catalog_operation" INNER JOIN "catalog_version" ON "catalog_version"."id" = "catalog_operation"."version_id" WHERE "catalog_operation"."data_class" = $1 ORDER BY "catalog_operation"."version_id" ASC, "catalog_operation"."ordinal" ASC LIMIT $2
postgres: SELECT "catalog_operation"."version_id", "catalog_operation"."ordinal", "catalog_operation"."name", "catalog_operation"."method", "catalog_operation"."path", "catalog_operation"."summary", "catalog_operation"."service_domain", "catalog_operation"."control_record", "catalog_operation"."behaviour_qualifier", "catalog_operation"."action", "catalog_operation"."category", "catalog_operation"."data_class", "catalog_operation"."proposed_category", "catalog_operation"."proposed_class", "catalog_operation"."scopes", "catalog_version"."api_id" AS "api_id" FROM "catalog_operation" INNER JOIN "catalog_version" ON "catalog_version"."id" = "catalog_operation"."version_id" WHERE "catalog_operation"."method" = $1 AND "catalog_operation"."service_domain" = $2 ORDER BY "catalog_operation"."version_id" ASC, "catalog_operation"."ordinal" ASC LIMIT $3
postgres: SELECT "catalog_operation"."version_id", "catalog_operation"."ordinal", "catalog_operation"."name", "catalog_operation"."method", "catalog_operation"."path", "catalog_operation"."summary", "catalog_operation"."service_domain", "catalog_operation"."control_record", "catalog_operation"."behaviour_qualifier", "catalog_operation"."action", "catalog_operation"."category", "catalog_operation"."data_class", "catalog_operation"."proposed_category", "catalog_operation"."proposed_class", "catalog_operation"."scopes", "catalog_version"."api_id" AS "api_id" FROM "catalog_operation" INNER JOIN "catalog_version" ON "catalog_version"."id" = "catalog_operation"."version_id" WHERE "catalog_operation"."method" = $1 ORDER BY "catalog_operation"."version_id" ASC, "catalog_operation"."ordinal" ASC LIMIT $2
postgres: SELECT "catalog_operation"."version_id", "catalog_operation"."ordinal", "catalog_operation"."name", "catalog_operation"."method", "catalog_operation"."path", "catalog_operation"."summary", "catalog_operation"."service_domain", "catalog_operation"."control_record", "catalog_operation"."behaviour_qualifier", "catalog_operation"."action", "catalog_operation"."category", "catalog_operation"."data_class", "catalog_operation"."proposed_category", "catalog_operation"."proposed_class", "catalog_operation"."scopes", "catalog_version"."api_id" AS "api_id" FROM "catalog_operation" INNER JOIN "catalog_version" ON "catalog_version"."id" = "catalog_operation"."version_id" WHERE "catalog_operation"."version_id" > $1 OR ("catalog_operation"."version_id" = $2 AND "catalog_operation"."ordinal" > $3) ORDER BY "catalog_operation"."version_id" ASC, "catalog_operation"."ordinal" ASC LIMIT $4
postgres: SELECT "catalog_operation"."version_id", "catalog_operation"."ordinal", "catalog_operation"."name", "catalog_operation"."method", "catalog_operation"."path", "catalog_operation"."summary", "catalog_operation"."service_domain", "catalog_operation"."control_record", "catalog_operation"."behaviour_qualifier", "catalog_operation"."action", "catalog_operation"."category", "catalog_operation"."data_class", "catalog_operation"."proposed_category", "catalog_operation"."proposed_class", "catalog_operation"."scopes", "catalog_version"."api_id" AS "api_id" FROM "catalog_operation" INNER JOIN "catalog_version" ON "catalog_version"."id" = "catalog_operation"."version_id" WHERE "catalog_version"."api_id" = $1 AND "catalog_version"."stage" = $2 AND "catalog_operation"."version_id" = $3 ORDER BY "catalog_operation"."version_id" ASC, "catalog_operation"."ordinal" ASC LIMIT $4
postgres: SELECT "catalog_operation"."version_id", "catalog_operation"."ordinal", "catalog_operation"."name", "catalog_operation"."method", "catalog_operation"."path", "catalog_operation"."summary", "catalog_operation"."service_domain", "catalog_operation"."control_record", "catalog_operation"."behaviour_qualifier", "catalog_operation"."action", "catalog_operation"."category", "catalog_operation"."data_class", "catalog_operation"."proposed_category", "catalog_operation"."proposed_class", "catalog_operation"."scopes", "catalog_version"."api_id" AS "api_id" FROM "catalog_operation" INNER JOIN "catalog_version" ON "catalog_version"."id" = "catalog_operation"."version_id" WHERE "catalog_version"."stage" = $1 ORDER BY "catalog_operation"."version_id" ASC, "catalog_operation"."ordinal" ASC LIMIT $2

-- catalog_operation.of_version
sqlite: SELECT "version_id", "ordinal", "name", "method", "path", "summary", "service_domain", "control_record", "behaviour_qualifier", "action", "category", "data_class", "proposed_category", "proposed_class", "scopes" FROM "catalog_operation" WHERE "version_id" = ? ORDER BY "ordinal" ASC LIMIT ?
postgres: SELECT "version_id", "ordinal", "name", "method", "path", "summary", "service_domain", "control_record", "behaviour_qualifier", "action", "category", "data_class", "proposed_category", "proposed_class", "scopes" FROM "catalog_operation" WHERE "version_id" = $1 ORDER BY "ordinal" ASC LIMIT $2

-- catalog_provider.add
sqlite: INSERT INTO "catalog_provider" ("id", "slug", "name", "internal", "contact", "managed_by", "created_at", "generation") VALUES (?, ?, ?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "catalog_provider" ("id", "slug", "name", "internal", "contact", "managed_by", "created_at", "generation") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- catalog_provider.find
sqlite: SELECT "id", "slug", "name", "internal", "contact", "managed_by", "created_at", "generation" FROM "catalog_provider" WHERE "id" = ?
sqlite: SELECT "id", "slug", "name", "internal", "contact", "managed_by", "created_at", "generation" FROM "catalog_provider" WHERE "slug" = ?
postgres: SELECT "id", "slug", "name", "internal", "contact", "managed_by", "created_at", "generation" FROM "catalog_provider" WHERE "id" = $1
postgres: SELECT "id", "slug", "name", "internal", "contact", "managed_by", "created_at", "generation" FROM "catalog_provider" WHERE "slug" = $1

-- catalog_provider.list
sqlite: SELECT "id", "slug", "name", "internal", "contact", "managed_by", "created_at", "generation" FROM "catalog_provider" ORDER BY "id" ASC LIMIT ?
postgres: SELECT "id", "slug", "name", "internal", "contact", "managed_by", "created_at", "generation" FROM "catalog_provider" ORDER BY "id" ASC LIMIT $1

-- catalog_token.add
sqlite: INSERT INTO "catalog_token" ("token", "version_id", "places") VALUES (?, ?, ?), …
postgres: INSERT INTO "catalog_token" ("token", "version_id", "places") VALUES ($1, $2, $3), …

-- catalog_token.entries
sqlite: SELECT "catalog_token"."token", "catalog_token"."version_id", "catalog_token"."places" FROM "catalog_token" INNER JOIN "catalog_version" ON "catalog_version"."id" = "catalog_token"."version_id" WHERE "catalog_token"."token" LIKE ? ESCAPE '\' AND "catalog_version"."stage" IN (?) LIMIT ?
sqlite: SELECT "catalog_token"."token", "catalog_token"."version_id", "catalog_token"."places" FROM "catalog_token" WHERE "catalog_token"."token" = ? LIMIT ?
sqlite: SELECT "catalog_token"."token", "catalog_token"."version_id", "catalog_token"."places" FROM "catalog_token" WHERE "catalog_token"."token" = ? OR "catalog_token"."token" = ? OR "catalog_token"."token" = ? LIMIT ?
sqlite: SELECT "catalog_token"."token", "catalog_token"."version_id", "catalog_token"."places" FROM "catalog_token" WHERE "catalog_token"."token" LIKE ? ESCAPE '\' LIMIT ?
postgres: SELECT "catalog_token"."token", "catalog_token"."version_id", "catalog_token"."places" FROM "catalog_token" INNER JOIN "catalog_version" ON "catalog_version"."id" = "catalog_token"."version_id" WHERE "catalog_token"."token" LIKE $1 ESCAPE E'\\' AND "catalog_version"."stage" IN ($2) LIMIT $3
postgres: SELECT "catalog_token"."token", "catalog_token"."version_id", "catalog_token"."places" FROM "catalog_token" WHERE "catalog_token"."token" = $1 LIMIT $2
postgres: SELECT "catalog_token"."token", "catalog_token"."version_id", "catalog_token"."places" FROM "catalog_token" WHERE "catalog_token"."token" = $1 OR "catalog_token"."token" = $2 OR "catalog_token"."token" = $3 LIMIT $4
postgres: SELECT "catalog_token"."token", "catalog_token"."version_id", "catalog_token"."places" FROM "catalog_token" WHERE "catalog_token"."token" LIKE $1 ESCAPE E'\\' LIMIT $2

-- catalog_token.remove
sqlite: DELETE FROM "catalog_token" WHERE "version_id" = ?
postgres: DELETE FROM "catalog_token" WHERE "version_id" = $1

-- catalog_version.add
sqlite: INSERT INTO "catalog_version" ("id", "api_id", "version", "stage", "state", "published_at", "base_path", "hosts", "settings", "document", "sha256", "proposed_level", "created_by", "created_at", "generation") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "catalog_version" ("id", "api_id", "version", "stage", "state", "published_at", "base_path", "hosts", "settings", "document", "sha256", "proposed_level", "created_by", "created_at", "generation") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)

-- catalog_version.by_ids
sqlite: SELECT "id", "api_id", "version", "stage", "state", "published_at", "base_path", "hosts", "settings", "document", "sha256", "proposed_level", "created_by", "created_at", "generation" FROM "catalog_version" WHERE "id" IN (?) ORDER BY "id" ASC
postgres: SELECT "id", "api_id", "version", "stage", "state", "published_at", "base_path", "hosts", "settings", "document", "sha256", "proposed_level", "created_by", "created_at", "generation" FROM "catalog_version" WHERE "id" IN ($1) ORDER BY "id" ASC

-- catalog_version.find
sqlite: SELECT "id", "api_id", "version", "stage", "state", "published_at", "base_path", "hosts", "settings", "document", "sha256", "proposed_level", "created_by", "created_at", "generation" FROM "catalog_version" WHERE "id" = ?
postgres: SELECT "id", "api_id", "version", "stage", "state", "published_at", "base_path", "hosts", "settings", "document", "sha256", "proposed_level", "created_by", "created_at", "generation" FROM "catalog_version" WHERE "id" = $1

-- catalog_version.of_apis
sqlite: SELECT "id", "api_id", "version", "stage", "state", "published_at", "base_path", "hosts", "settings", "document", "sha256", "proposed_level", "created_by", "created_at", "generation" FROM "catalog_version" WHERE "api_id" IN (?) ORDER BY "id" ASC LIMIT ?
postgres: SELECT "id", "api_id", "version", "stage", "state", "published_at", "base_path", "hosts", "settings", "document", "sha256", "proposed_level", "created_by", "created_at", "generation" FROM "catalog_version" WHERE "api_id" IN ($1) ORDER BY "id" ASC LIMIT $2

-- catalog_version.served
sqlite: SELECT "catalog_version"."id" AS "id", "catalog_version"."api_id" AS "api_id", "catalog_version"."stage" AS "stage", "catalog_version"."version" AS "version", "catalog_version"."base_path" AS "base_path", "catalog_version"."hosts" AS "hosts", "catalog_version"."generation" AS "generation", "catalog_api"."generation" AS "api_generation" FROM "catalog_version" INNER JOIN "catalog_api" ON "catalog_api"."id" = "catalog_version"."api_id" WHERE "catalog_version"."published_at" IS NOT NULL ORDER BY "catalog_version"."id" ASC
postgres: SELECT "catalog_version"."id" AS "id", "catalog_version"."api_id" AS "api_id", "catalog_version"."stage" AS "stage", "catalog_version"."version" AS "version", "catalog_version"."base_path" AS "base_path", "catalog_version"."hosts" AS "hosts", "catalog_version"."generation" AS "generation", "catalog_api"."generation" AS "api_generation" FROM "catalog_version" INNER JOIN "catalog_api" ON "catalog_api"."id" = "catalog_version"."api_id" WHERE "catalog_version"."published_at" IS NOT NULL ORDER BY "catalog_version"."id" ASC

-- catalog_version.update
sqlite: UPDATE "catalog_version" SET "stage" = ?, "state" = ?, "published_at" = ?, "base_path" = ?, "hosts" = ?, "settings" = ?, "document" = ?, "proposed_level" = ?, "generation" = ? WHERE "id" = ? AND "generation" = ?
postgres: UPDATE "catalog_version" SET "stage" = $1, "state" = $2, "published_at" = $3, "base_path" = $4, "hosts" = $5, "settings" = $6, "document" = $7, "proposed_level" = $8, "generation" = $9 WHERE "id" = $10 AND "generation" = $11

-- counter.identification
sqlite: UPDATE "counter" SET "value" = "value" + ? WHERE "name" = ?
postgres: UPDATE "counter" SET "value" = "value" + $1 WHERE "name" = $2

-- counter.identification_read
sqlite: SELECT "name", "value" FROM "counter" WHERE "name" = ?
postgres: SELECT "name", "value" FROM "counter" WHERE "name" = $1

