//! Handlers of the moves of a lifecycle that want nothing but a reason.

/// One handler a move. `$moved` is `async fn(&mut Change, id, move, why) -> Result<Reply>`.
macro_rules! moves {
    ($tag:tt, $description:tt, $id:tt, $view:tt, $moved:ident; $($(#[$doc:meta])* $name:ident $path:tt $operation:tt $wanted:expr;)*) => {$(
        $(#[$doc])*
        #[utoipa::path(post, path = $path, operation_id = $operation, tag = $tag,
            params(("id" = $id, Path)), request_body = Reason,
            responses((status = 200, description = $description, body = $view)))]
        async fn $name(
            State(manager): State<Manager>,
            call: Call,
            Path(id): Path<$id>,
            request: Idempotent<Reason>,
        ) -> Result<Response> {
            manager
                .post(call, request, move |change, form| {
                    Box::pin(async move { $moved(change, id, $wanted, &form.why).await })
                })
                .await
        }
    )*};
}

pub(crate) use moves;
