pub fn pay() {}
