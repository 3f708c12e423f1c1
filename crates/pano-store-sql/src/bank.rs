//! See `pano_store::bank`.

use crate::executor::Unit;
use pano_store::BankRepository;

#[async_trait::async_trait]
impl BankRepository for Unit {}
